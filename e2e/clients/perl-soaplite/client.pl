# SOAP::Lite, told what to call line by line (../README.md). It gives the out
# parts by position, so their names stay empty.
use strict;
use warnings;
use utf8;
use MIME::Base64;
use SOAP::Lite;

# SOAP::Lite sends nil for an array whose type it has no serializer for.
{
    no warnings 'once';
    *SOAP::Serializer::as_ArrayOfString = *SOAP::Serializer::as_ArrayOfstring = *SOAP::Serializer::as_ArrayOfValuePairStruct =
        *SOAP::Serializer::as_ArrayOfCriteriaStruct = *SOAP::Serializer::as_ArrayOfExtraTableCriteriaStruct =
        sub { my ($self, $value, $name) = @_; [$name, {}, $value] };
}
$| = 1;

my $service = SOAP::Lite->service($ENV{WSDL} =~ m{^/} ? "file://$ENV{WSDL}" : $ENV{WSDL});
# A fault does not die by itself.
$service->on_fault(sub { my ($soap, $res) = @_; die ref $res ? $res->faultstring : $soap->transport->status, "\n" });

my %escapes = (t => "\t", n => "\n", r => "\r", '\\' => '\\');
my %letters = reverse %escapes;
$escapes{0} = "\0";

sub params {
    my @params;
    while (@_) {
        my ($kind, $name, $value) = splice @_, 0, 3;
        if ($kind eq 'l') { $value = [map { $_ eq "\0" ? undef : $_ } splice @_, 0, $value] }
        if ($kind eq 'p') { $value = [map { { field => shift @_, value => shift @_ } } 1 .. $value] }
        if ($kind eq 'c') { $value = [map { { field => shift @_, op => shift @_, value => shift @_ } } 1 .. $value] }
        if ($kind eq 'q') { $value = [map { { columnId => shift @_, op => shift @_, value => shift @_, logicalOp => shift @_ } } 1 .. $value] }
        if ($kind eq 'x') { $value = decode_base64($value) }
        push @params, $value;
    }
    return @params;
}

# An array is a Perl array when the answer is encoded, else a hash with one list
# in it, which is no list if it has one item, and an empty text if it has none.
sub items {
    my $v = shift;
    return $v if UNIVERSAL::isa($v, 'ARRAY');
    return if !UNIVERSAL::isa($v, 'HASH') || join(',', keys %$v) ne 'item';
    return UNIVERSAL::isa($v->{item}, 'ARRAY') ? $v->{item} : [$v->{item}];
}

sub part {
    my ($name, $v) = @_;
    return ('s', $name, $v // '') if !ref $v;
    my @items = @{ items($v) // [$v] };
    return ('a', $name, scalar @items, map { part('', $_) } @items) if grep { items($_) } @items;
    return ('l', $name, scalar @items, map { $_ // '' } @items) if !@items || !ref $items[0];
    return ('r', $name, scalar @items, map { my $s = $_; (scalar keys %$s, map { part($_, $s->{$_}) } keys %$s) } @items);
}

while (my $line = <STDIN>) {
    chomp $line;
    my ($op, @words) = map { s/\\(.)/$escapes{$1}/gr } split /\t/, $line, -1;
    my @answer = eval {
        my @parts = $service->$op(params(@words));
        # SOAP::Lite decodes Base64, but only where the WSDL says that it is some.
        $parts[-1] = encode_base64($parts[-1] // '', '') if "$ENV{PORT} $op" =~ /^(?:ticket getAttachment|admin getAgent)$/;
        ('ok', map { part('', $_) } @parts);
    };
    @answer = ('fault', $@) if !@answer;
    print join("\t", map { s/([\t\n\r\\])/\\$letters{$1}/gr } @answer), "\n";
}
