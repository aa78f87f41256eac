#!/bin/sh
# Mono's wsdl tool and C# compiler, the stand-in for an ASP.NET web reference.
set -e
here=$(cd "$(dirname "$0")" && pwd)
exe=$BUILD/client.exe
if [ "$1" = build ]; then
  [ -e "$exe" ] && exit 0
  case $PORT in customer) voice=Customer.cs ;; ticket) voice=Ticket.cs ;; esac
  wsdl -nologo -n:"$PORT" -o:"$BUILD/proxy.cs" "$WSDL"
  mcs -nologo -warn:0 -r:System.Web.Services -out:"$exe.new" "$here/Voice.cs" "$here/$voice" "$BUILD/proxy.cs"
  mv "$exe.new" "$exe"
  exit 0
fi
exec mono "$exe"
