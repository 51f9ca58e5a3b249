// fetch and axios: node.cjs URL.
const axios = require('axios');

const url = process.argv[2];
const form = 'application/x-www-form-urlencoded';

async function* pieces() {
  yield Buffer.from('id=');
  yield Buffer.from('A002');
}

function multipart() {
  const data = new FormData();
  data.append('id', 'A002');
  data.append('more', new Blob(['x']), 'x');
  return data;
}

async function byFetch() {
  const ask = async (what, query, options) => {
    const reply = await fetch(url + query, options);
    const text = await reply.text();
    console.log('fetch', what, what === 'again' ? reply.status : text);
    return reply.headers.get('etag');
  };
  const tag = await ask('get', '?id=A001', {});
  await ask('form', '', {method: 'POST', body: new URLSearchParams({id: 'A002'})});
  await ask('multipart', '', {method: 'POST', body: multipart()});
  const json = {body: '{"id":"A002","more":[true]}', headers: {'Content-Type': 'application/json'}};
  await ask('json', '', {method: 'POST', ...json});
  await ask('streamed', '', {method: 'POST', body: pieces(), duplex: 'half', headers: {'Content-Type': form}});
  await ask('again', '?id=A001', {headers: {'If-None-Match': tag}});
}

async function byAxios() {
  // The text, as it came.
  const client = axios.create({transformResponse: text => text, validateStatus: null});
  const ask = async (what, asked) => {
    const reply = await asked;
    console.log('axios', what, what === 'again' ? reply.status : reply.data);
    return reply.headers.etag;
  };
  const tag = await ask('get', client.get(url, {params: {id: 'A001'}}));
  await ask('form', client.post(url, new URLSearchParams({id: 'A002'})));
  await ask('json', client.post(url, {id: 'A002', more: [true]}));
  const body = require('stream').Readable.from(pieces());
  await ask('streamed', client.post(url, body, {headers: {'Content-Type': form}}));
  await ask('again', client.get(url, {params: {id: 'A001'}, headers: {'If-None-Match': tag}}));
}

byFetch().then(byAxios);
