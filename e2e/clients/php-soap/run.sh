#!/bin/sh
# PHP ext-soap: SoapClient in WSDL mode.
[ "$1" = talk ] || exit 0
exec php -d soap.wsdl_cache_enabled=0 "$(dirname "$0")/client.php"
