// Package deploy holds the files an installation is run with.
package deploy

import _ "embed"

// Service is the systemd unit.
//
//go:embed skranke.service
var Service string
