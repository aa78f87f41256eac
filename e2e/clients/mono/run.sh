#!/bin/sh
# Mono's wsdl tool and C# compiler, the stand-in for an ASP.NET web reference.
set -e
here=$(cd "$(dirname "$0")" && pwd)
exe=$BUILD/client.exe
if [ "$1" = build ]; then
  [ -e "$exe" ] && exit 0
  case $PORT in customer) voice=Customer.cs ;; ticket) voice=Ticket.cs ;; admin) voice=Admin.cs ;; esac
  # In a folder of its own: another run of the checks may be building the same.
  work=$(mktemp -d "$BUILD/XXXXXX")
  trap 'rm -rf "$work"' EXIT
  wsdl -nologo -n:"$PORT" -o:"$work/proxy.cs" "$WSDL"
  mcs -nologo -warn:0 -r:System.Web.Services -out:"$work/client.exe" "$here/Voice.cs" "$here/$voice" "$work/proxy.cs"
  mv "$work/client.exe" "$exe"
  exit 0
fi
exec mono "$exe"
