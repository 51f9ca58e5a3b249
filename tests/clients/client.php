<?php
// PHP's own streams: client.php URL.
$url = $argv[1];

function ask(string $what, string $url, array $options): string
{
    $body = file_get_contents($url, false, stream_context_create(['http' => $options + ['ignore_errors' => true]]));
    echo 'php ', $what, ' ', $what === 'again' ? explode(' ', $http_response_header[0])[1] : $body, "\n";
    $tags = preg_filter('/^ETag: /i', '', $http_response_header);
    return implode($tags);
}

$post = fn (string $type, string $body) => ['method' => 'POST', 'header' => "Content-Type: $type", 'content' => $body];
$tag = ask('get', $url . '?' . http_build_query(['id' => 'A001']), []);
ask('form', $url, $post('application/x-www-form-urlencoded', http_build_query(['id' => 'A002'])));
ask('json', $url, $post('application/json', json_encode(['id' => 'A002', 'more' => [true]])));
ask('again', $url . '?id=A001', ['header' => "If-None-Match: $tag"]);
