<?php
// A product by its id, or a search in an FTS5 table, with PDO. Connections are kept from one request to the next;
// PHP can keep no prepared statement.

function rows($database, $sql, $value) {
    $options = [PDO::ATTR_PERSISTENT => true, PDO::SQLITE_ATTR_OPEN_FLAGS => PDO::SQLITE_OPEN_READONLY];
    $statement = (new PDO("sqlite:$database", null, null, $options))->prepare($sql);
    $statement->execute([$value]);
    return $statement->fetchAll(PDO::FETCH_ASSOC);
}

function json($product) {
    $id = isset($product['id']) ? '"id":' . json_encode($product['id']) . ',' : '';
    $name = json_encode($product['name'], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    return "{{$id}\"name\":$name,\"price\":{$product['price']}}";
}

if (isset($_GET['q'])) {
    preg_match_all('/[\pL\pN]+/u', $_GET['q'], $words);
    $question = implode(' ', array_map(fn($word) => "\"$word\"*", $words[0]));
    $order = isset($_GET['unranked']) ? '' : 'ORDER BY rank';
    $sql = "SELECT id, name, price FROM word WHERE word MATCH ? $order LIMIT 20";
    $found = rows($_SERVER['FTS5_DB'], $sql, $question);
    $answer = '{"products":[' . implode(',', array_map('json', $found)) . ']}';
} else {
    $id = $_GET['id'] ?? '';
    if ($_SERVER['REQUEST_METHOD'] === 'POST') {
        $body = file_get_contents('php://input');
        $now = date('Y-m-d H:i:s');
        $lines = substr_count($body, "\n") + 1;
        $log = "$now content_len: " . strlen($body) . "\n$now no of lines: $lines\n";
        file_put_contents($_SERVER['DEBUG_LOG'], $log, FILE_APPEND);
        $id = preg_match('/name="id"\r\n\r\n(.*?)\r\n--/s', $body, $field) ? $field[1] : '';
    }
    $found = rows($_SERVER['PRODUCTS_DB'], 'SELECT name, price FROM product WHERE id = ?', $id);
    if (!$found) {
        http_response_code(404);
    }
    $answer = json($found[0] ?? ['name' => '', 'price' => '0']);
}
header('Content-Type: application/json');
header('Content-Length: ' . strlen($answer));
echo $answer;
