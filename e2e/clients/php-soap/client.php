<?php
// In the rpc styles SoapClient takes the parameters one by one and returns the
// out parts as an array, a single one as it is; in document style it takes and
// returns one object.
error_reporting(E_ALL);
set_error_handler(function ($no, $msg) { throw new ErrorException($msg); });

$literal = getenv('STYLE') === 'doc';
$client = new SoapClient(getenv('WSDL'), ['features' => SOAP_SINGLE_ELEMENT_ARRAYS, 'location' => getenv('ENDPOINT')]);

function structs(&$words, $count, $members) {
    $all = [];
    while ($count-- > 0) $all[] = array_combine($members, array_splice($words, 0, count($members)));
    return $all;
}

function read($words) {
    global $literal;
    $params = [];
    while ($words) {
        [$kind, $name, $value] = array_splice($words, 0, 3);
        if ($kind === 'b') $value = $value === 'true';
        if ($kind === 'l') $value = array_map(fn($w) => $w === "\0" ? null : $w, array_splice($words, 0, (int)$value));
        if ($kind === 'p') $value = structs($words, (int)$value, ['field', 'value']);
        if ($kind === 'c') $value = structs($words, (int)$value, ['field', 'op', 'value']);
        if ($kind === 'q') $value = structs($words, (int)$value, ['columnId', 'op', 'value', 'logicalOp']);
        if ($kind === 'x') $value = base64_decode($value);
        $params[$name] = is_array($value) && $literal ? ['item' => $value] : $value;
    }
    return $params;
}

function text($v) { return is_bool($v) ? ($v ? 'true' : 'false') : (string)$v; }

// A struct is an array with names, an array a list; in document style an array
// is an object with one list in it, or none.
function plain($v) {
    if (is_object($v)) $v = get_object_vars($v);
    return is_array($v) && array_keys($v) === ['item'] ? $v['item'] : $v;
}

function part($name, $v) {
    $v = plain($v);
    if (!is_array($v)) return ['s', $name, text($v)];
    $items = array_map('plain', array_is_list($v) ? $v : [$v]);
    $kind = 'l';
    foreach ($items as $i) if (is_array($i)) $kind = array_is_list($i) ? 'a' : 'r';
    $words = [$kind, $name, (string)count($items)];
    foreach ($items as $i) {
        if ($kind === 'l') $words[] = text($i);
        if ($kind === 'a') array_push($words, ...part('', $i));
        if ($kind !== 'r') continue;
        $words[] = (string)count($i);
        foreach ($i as $k => $m) array_push($words, ...part($k, $m));
    }
    return $words;
}

while (($line = fgets(STDIN)) !== false) {
    $words = array_map(fn($w) => strtr($w, ['\\\\' => '\\', '\t' => "\t", '\n' => "\n", '\r' => "\r", '\0' => "\0"]), explode("\t", rtrim($line, "\n")));
    try {
        $op = array_shift($words);
        $params = read($words);
        $r = $literal ? get_object_vars($client->$op($params)) : $client->__soapCall($op, array_values($params));
        if (!is_array($r)) $r = ['' => $r];
        $answer = ['ok'];
        // SoapClient decodes Base64, but only where the WSDL says that it is some.
        foreach (['ticket' => 'data', 'admin' => 'binaryData'] as $port => $bytes)
            if (getenv('PORT') === $port && isset($r[$bytes])) $r[$bytes] = base64_encode($r[$bytes]);
        foreach ($r as $name => $v) array_push($answer, ...part($name, $v));
    } catch (Throwable $e) {
        $answer = ['fault', get_class($e) . ': ' . $e->getMessage()];
    }
    echo implode("\t", array_map(fn($w) => strtr($w, ['\\' => '\\\\', "\t" => '\t', "\n" => '\n', "\r" => '\r']), $answer)), "\n";
}
