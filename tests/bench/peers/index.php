<?php
// One reply to whatever is asked.
header('Content-Type: application/json');
header('Vary: Accept');
header('Cache-Control: no-cache');
header('ETag: "edf92d4584980398aa281363f14932b8"');
header('X-Content-Type-Options: nosniff');
$body = '{"name":"Product 0000000","price":12.95}';
header('Content-Length: ' . strlen($body));
echo $body;
