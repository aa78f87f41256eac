<?php
// In the rpc styles SoapClient takes the parameters one by one and returns the
// out parts as an array, a single one as it is; in document style it takes and
// returns one object.
error_reporting(E_ALL);
set_error_handler(function ($no, $msg) { throw new ErrorException($msg); });

$literal = getenv('STYLE') === 'doc';
$client = new SoapClient(getenv('WSDL'), ['features' => SOAP_SINGLE_ELEMENT_ARRAYS, 'location' => getenv('ENDPOINT')]);

function read($words) {
    global $literal;
    $params = [];
    while ($words) {
        [$kind, $name, $value] = array_splice($words, 0, 3);
        if ($kind === 'b') $value = $value === 'true';
        if ($kind === 'l') $value = array_splice($words, 0, (int)$value);
        if ($kind === 'p') $value = array_map(fn($p) => ['field' => $p[0], 'value' => $p[1]], $value > 0 ? array_chunk(array_splice($words, 0, 2 * $value), 2) : []);
        $params[$name] = is_array($value) && $literal ? ['item' => $value] : $value;
    }
    return $params;
}

function text($v) { return is_bool($v) ? ($v ? 'true' : 'false') : (string)$v; }

function part($name, $v) {
    if (is_object($v)) $v = get_object_vars($v);
    if (is_array($v) && array_keys($v) === ['item']) $v = $v['item'];
    if (!is_array($v)) return ['s', $name, text($v)];
    if (!array_is_list($v)) $v = [$v];
    if (!$v || !is_object($v[0]) && !is_array($v[0])) return array_merge(['l', $name, (string)count($v)], array_map('text', $v));
    $words = ['r', $name, (string)count($v)];
    foreach ($v as $struct) {
        $members = (array)$struct;
        $words[] = (string)count($members);
        foreach ($members as $k => $m) array_push($words, $k, text($m));
    }
    return $words;
}

while (($line = fgets(STDIN)) !== false) {
    $words = array_map(fn($w) => strtr($w, ['\\\\' => '\\', '\t' => "\t", '\n' => "\n", '\r' => "\r"]), explode("\t", rtrim($line, "\n")));
    try {
        $op = array_shift($words);
        $params = read($words);
        $r = $literal ? get_object_vars($client->$op($params)) : $client->__soapCall($op, array_values($params));
        if (!is_array($r)) $r = ['' => $r];
        $answer = ['ok'];
        foreach ($r as $name => $v) array_push($answer, ...part($name, $v));
    } catch (Throwable $e) {
        $answer = ['fault', get_class($e) . ': ' . $e->getMessage()];
    }
    echo implode("\t", array_map(fn($w) => strtr($w, ['\\' => '\\\\', "\t" => '\t', "\n" => '\n', "\r" => '\r']), $answer)), "\n";
}
