// Package config holds every setting of a skranke installation in one struct.
// A setting is one field of Config: its tags give the key, the words that
// explain it and what is allowed, and the example file, the flags, the
// environment names, the error messages and "config show" all follow from them.
//
// Settings come from, each one overruling those before it: the defaults, a TOML
// file, the environment (SKRANKE_ and the key in upper case; before that, the
// variables of OpenTelemetry), the command line.
// The package knows nothing of what the settings are used for. Start with
// Config, then load.go.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	// Containers often have no zone files; a configured zone must work there too.
	_ "time/tzdata"
)

// Config is every setting. Build it with Load, or start from Default; its zero
// value is not a usable configuration.
//
// Tags: key names the setting everywhere; doc explains it, in sentences; group
// opens a section of the example file; is names the form of a text (see rule.go);
// min and max bound a number or a duration; secret:"yes" keeps the value out of
// "config show", of messages and of the command line; otel names variables of
// OpenTelemetry that set it too, a later one overruling an earlier.
type Config struct {
	Listen         string         `key:"listen" is:"address" group:"Network" doc:"Address and port the server listens on. 127.0.0.1 answers this machine only, which is right behind a TLS proxy on the same machine; :8080 answers on every interface."`
	PublicURL      string         `key:"public_url" is:"url" doc:"The address clients use, as they see it from outside, without path_prefix. It is printed as the service address in every WSDL. Empty means: repeat the host the client asked for, which is wrong behind most proxies."`
	PathPrefix     string         `key:"path_prefix" is:"prefix" doc:"Path put before every address, such as /Cust12345/CS. Use it when old clients have such a path built in; its case does not matter. Empty means none."`
	MetricsListen  string         `key:"metrics_listen" is:"address?" doc:"Address and port of a second listener for /metrics (Prometheus), /healthz and /readyz, such as 127.0.0.1:9090. Whoever reaches it sees figures of the whole help desk: keep it off public networks. Empty means: no metrics are served."`
	TrustedProxies []netip.Prefix `key:"trusted_proxies" doc:"Networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto headers are believed. Empty means: believe nobody, the peer address is the client's."`
	MaxRequestMiB  int            `key:"max_request_mib" min:"1" max:"1024" doc:"Largest request body in MiB. A larger one is refused with a SOAP fault."`

	MaxConnections           int            `key:"max_connections" min:"16" max:"1000000" group:"Under load" doc:"Connections open at the same time. When one more comes, the one that has been idle longest is closed. The system's limit of open files may allow fewer."`
	MaxConnectionsPerAddress int            `key:"max_connections_per_address" min:"1" max:"1000000" doc:"Connections from one network address. It does not concern trusted_proxies."`
	MaxCalls                 int            `key:"max_calls" min:"1" max:"10000" doc:"Calls performed at the same time; three quarters of them may be of one address. Further ones wait in a line of sixteen times as many, in which addresses have their turns one after another, for at most 20 seconds. The others are refused with a SOAP fault."`
	MaxBodies                int            `key:"max_bodies" min:"1" max:"100000" doc:"Requests received at the same time; half of them may be of one address. More are refused with a SOAP fault."`
	BodyMemoryMiB            int            `key:"body_memory_mib" min:"1" max:"65536" doc:"Memory in MiB that all large requests together may take while they are read; three quarters of it may be one address's."`
	BodySpoolMiB             int            `key:"body_spool_mib" min:"1" max:"1048576" doc:"Disk space in MiB, below data, that attachments on their way in may take together; three quarters of it may be one address's."`
	MinBodyRate              int            `key:"min_body_rate" min:"1" max:"1000000000" doc:"Bytes a second a request must come with, once ten seconds have passed. A slower one is given up."`
	BadCallsPerAddress       int            `key:"bad_calls_per_address" min:"1" max:"1000000" doc:"Calls a minute with a wrong session key or password, or that are no calls at all, which one address may make before their answers are held back for a second each. Other calls of the address are answered as ever."`
	UnlimitedFrom            []netip.Prefix `key:"unlimited_from" doc:"Networks which the limits of this group for one address do not concern, such as that of a portal with very many users. Failed logins have limits of their own."`

	Data                  string `key:"data" is:"path" group:"Data" doc:"Directory of the database and the attachments, as far as neither lies elsewhere. A relative path starts in the working directory."`
	Database              string `key:"database" is:"postgres" secret:"yes" doc:"PostgreSQL database to use instead of the one in data, such as postgres://skranke:password@db.example.com/skranke?sslmode=verify-full. Attachments stay in data, or where attachments says. Empty means: the database in data. See docs/postgresql.md."`
	Attachments           string `key:"attachments" is:"bucket" doc:"Bucket of an S3-compatible store to keep the contents of attachments in, such as s3://help-desk/attachments, so that several servers share them without sharing a disk. Files on their way are still spooled in data. Empty means: they are kept in data. See docs/attachments.md."`
	BucketEndpoint        string `key:"bucket_endpoint" is:"endpoint" doc:"Address of that store, such as https://minio.example.com:9000. Empty means Amazon's."`
	BucketRegion          string `key:"bucket_region" doc:"Region of the bucket, such as eu-north-1. Empty means: ask the store."`
	BucketAddressing      string `key:"bucket_addressing" is:"auto|path|host" doc:"Where the name of the bucket stands in requests: in the path or in front of the host name. auto does what is usual: host at Amazon's and some others, else path."`
	BucketCredentialsFile string `key:"bucket_credentials_file" is:"file" doc:"File with the credentials for the store, in the form of ~/.aws/credentials. Empty means: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, else ~/.aws, else the role of the machine at Amazon's."`

	MemoryMiB        int            `key:"memory_mib" min:"0" max:"65536" doc:"Memory in MiB that may be spent on remembering tickets and sessions which were read, beside what the program needs anyway. It is taken as they are read, about 0.3 KiB for a ticket. 0 means: read everything from the database each time."`
	MaxAttachmentMiB int            `key:"max_attachment_mib" min:"1" max:"1024" doc:"Largest attachment in MiB, after decoding. Base64 makes it a third larger on the wire, so keep max_request_mib well above it."`
	TimeZone         *time.Location `key:"time_zone" doc:"Zone of the times in requests and answers, which carry no offset: a name such as Europe/Oslo, UTC, or Local for the zone of this machine."`

	SessionIdle time.Duration `key:"session_idle" min:"1s" max:"8760h" group:"Sessions and passwords" doc:"A session that has been quiet this long ends, and its key is refused."`
	Autologout  Autologout    `key:"autologout" max:"8760h" doc:"A session of a user (the ticket and admin ports) that has been quiet this long ends. Empty means: as session_idle. 0 means: users are never logged out for being quiet."`

	LoginFailuresPerName    int           `key:"login_failures_per_name" min:"1" max:"1000000" doc:"Failed logins for one user name within login_failure_window after which further tries are refused unseen."`
	LoginFailuresPerAddress int           `key:"login_failures_per_address" min:"1" max:"1000000" doc:"Failed logins from one network address within login_failure_window after which further tries are refused unseen."`
	LoginFailureWindow      time.Duration `key:"login_failure_window" min:"1s" max:"24h" doc:"How long a failed login counts."`
	VotesPerAddress         int           `key:"votes_per_address" min:"1" max:"1000000" doc:"Votes for FAQ entries without a session from one network address within login_failure_window after which further ones are refused. A portal calls from one address for all its visitors: raise it for one."`
	RegistrationsPerAddress int           `key:"registrations_per_address" min:"1" max:"1000000" doc:"Customers who register themselves from one network address within login_failure_window after which further ones are refused. A portal registers all its visitors from one address: raise it for one."`
	UploadsPerAddress       int           `key:"uploads_per_address" min:"1" max:"1000000" doc:"Files stored without a session from one network address within login_failure_window after which further ones are refused. A portal calls from one address for all its visitors: raise it for one."`

	PasswordMinLength    int  `key:"password_min_length" min:"0" max:"64" doc:"Fewest characters a new password may have. 0 means any; an empty password is refused always."`
	PasswordNeedsDigit   bool `key:"password_needs_digit" doc:"A new password must have a digit."`
	PasswordNeedsLower   bool `key:"password_needs_lower" doc:"A new password must have a lower-case letter."`
	PasswordNeedsUpper   bool `key:"password_needs_upper" doc:"A new password must have an upper-case letter."`
	PasswordNeedsSpecial bool `key:"password_needs_special" doc:"A new password must have a character that is neither letter nor digit."`

	MailFrom         string        `key:"mail_from" is:"mailbox" group:"Mail" doc:"Address mails come from that belong to no mailbox, such as passwords, unless the setting config.defaultMail in the database names one. A name may stand before it."`
	MailFolder       string        `key:"mail_folder" is:"folder" doc:"Directory to write outgoing mails to, a file each, instead of sending them. It only counts without smtp_host. With neither of both no mail leaves: it waits, and customers cannot ask for a password."`
	SMTPHost         string        `key:"smtp_host" is:"host" doc:"Name or address of the server that takes outgoing mail. Empty means: see mail_folder."`
	SMTPPort         int           `key:"smtp_port" min:"0" max:"65535" doc:"Its port. 0 means the usual one: 587 with starttls, 465 with tls, 25 with none."`
	SMTPSecurity     string        `key:"smtp_security" is:"starttls|tls|none" doc:"How the connection to it is encrypted: starttls begins in clear and goes on only encrypted, tls is encrypted from the first byte, none never is. Certificates are checked."`
	SMTPUser         string        `key:"smtp_user" doc:"User name to log in there with. Empty means: without logging in."`
	SMTPPassword     string        `key:"smtp_password" secret:"yes" doc:"The password that belongs to smtp_user."`
	SMTPPasswordFile string        `key:"smtp_password_file" is:"file" doc:"File whose first line is that password, instead of smtp_password."`
	MailRetryFor     time.Duration `key:"mail_retry_for" min:"1m" max:"720h" doc:"How long a mail that cannot be delivered is tried again, at growing intervals, before it is parked and waits for a person."`

	NotificationKeep time.Duration `key:"notification_keep" min:"24h" max:"8760h" group:"Notifications" doc:"How long a notification waits for its user to fetch it before it is deleted."`

	SearchTime time.Duration `key:"search_time" min:"1s" max:"10m" group:"Searches" doc:"How long a search for tickets, customers or companies may take. A longer one is given up and answers 7."`

	ScriptTimeout time.Duration `key:"script_timeout" min:"0s" max:"10m" group:"Scripts" doc:"How long a stored script may run. 0 means: scripts are not run at all, and executeScript answers that it is switched off."`

	OTLPEndpoint       string  `key:"otlp_endpoint" is:"collector" otel:"OTEL_EXPORTER_OTLP_ENDPOINT" group:"Traces" doc:"Address of a collector that takes OpenTelemetry traces by HTTP, such as http://127.0.0.1:4318; /v1/traces is put behind it. Each call and each mail is told to it as a span, without anybody's data. Empty, or none, means: no traces are sent. See docs/operations.md."`
	OTLPTracesEndpoint string  `key:"otlp_traces_endpoint" is:"collector" otel:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" doc:"The same with its whole path, instead of otlp_endpoint."`
	OTLPHeaders        string  `key:"otlp_headers" is:"headers" secret:"yes" otel:"OTEL_EXPORTER_OTLP_HEADERS OTEL_EXPORTER_OTLP_TRACES_HEADERS" doc:"HTTP headers to send along, for collectors that want a key: NAME=VALUE, several with commas between them. What has a meaning of its own stands percent-encoded."`
	OTLPService        string  `key:"otlp_service" otel:"OTEL_SERVICE_NAME" doc:"What this installation is called in traces. Empty means: what otlp_attributes says is service.name, else skranke."`
	OTLPAttributes     string  `key:"otlp_attributes" is:"pairs" otel:"OTEL_RESOURCE_ATTRIBUTES" doc:"Further attributes of this installation, such as deployment.environment.name=test, written as in otlp_headers."`
	OTLPRatio          float64 `key:"otlp_ratio" min:"0" max:"1" doc:"How many of the traces that begin here are recorded: 1 is all, 0.01 one in a hundred. A caller's traceparent says itself whether its trace is recorded."`

	LogLevel        slog.Level    `key:"log_level" group:"Running" doc:"The least serious thing worth a line in the log."`
	LogFormat       string        `key:"log_format" is:"text|json" doc:"How log lines look: text for people, json for programs."`
	SlowCall        time.Duration `key:"slow_call" min:"0s" max:"1h" doc:"A call that took at least this long, without the wait for its body to come, has a line in the log, as a warning. 0 means: none has."`
	ShutdownDelay   time.Duration `key:"shutdown_delay" min:"0s" max:"10m" doc:"How long a server that was told to stop goes on taking calls while /readyz answers 503, so that a load balancer takes notice first."`
	ShutdownTimeout time.Duration `key:"shutdown_timeout" min:"0s" max:"10m" doc:"How long a stopping server waits for calls that have begun."`
}

// Default is the configuration of a server about which nothing was said.
func Default() Config {
	return Config{
		Listen:        "127.0.0.1:8080",
		MaxRequestMiB: 64,

		MaxConnections:           4096,
		MaxConnectionsPerAddress: 2048,
		MaxCalls:                 64,
		MaxBodies:                512,
		BodyMemoryMiB:            64,
		BodySpoolMiB:             4096,
		MinBodyRate:              1024,
		BadCallsPerAddress:       300,

		Data:             "./skranke-data",
		BucketAddressing: "auto",
		MemoryMiB:        512,
		MaxAttachmentMiB: 32,
		TimeZone:         time.Local,

		SessionIdle: 30 * time.Minute,

		LoginFailuresPerName:    10,
		LoginFailuresPerAddress: 50,
		VotesPerAddress:         50,
		RegistrationsPerAddress: 100,
		UploadsPerAddress:       500,
		LoginFailureWindow:      15 * time.Minute,

		SMTPSecurity: "starttls",
		MailRetryFor: 72 * time.Hour,

		NotificationKeep: 7 * 24 * time.Hour,

		SearchTime: 30 * time.Second,

		ScriptTimeout: time.Minute,

		OTLPRatio: 1,

		LogLevel:        slog.LevelInfo,
		LogFormat:       "text",
		SlowCall:        time.Second,
		ShutdownTimeout: 10 * time.Second,
	}
}

// Autologout is a duration that may be left unset, which is not the same as
// zero. Its zero value is unset.
type Autologout struct {
	After time.Duration // meaningful only when Set; 0 = never
	Set   bool
}

// UserIdle is how long a user's session may be quiet before it ends; 0 means it
// never ends that way. Customers' sessions end after SessionIdle.
func (c Config) UserIdle() time.Duration {
	if c.Autologout.Set {
		return c.Autologout.After
	}
	return c.SessionIdle
}

// MaxRequestBytes is MaxRequestMiB in bytes.
func (c Config) MaxRequestBytes() int64 { return int64(c.MaxRequestMiB) << 20 }

// MemoryBytes is MemoryMiB in bytes.
func (c Config) MemoryBytes() int64 { return int64(c.MemoryMiB) << 20 }

// MaxAttachmentBytes is MaxAttachmentMiB in bytes.
func (c Config) MaxAttachmentBytes() int64 { return int64(c.MaxAttachmentMiB) << 20 }

// Mailing says whether there is a way for mail to leave.
func (c Config) Mailing() bool { return c.SMTPHost != "" || c.MailFolder != "" }

// SMTPSecret is the password for smtp_user, wherever it was given.
func (c Config) SMTPSecret() (string, error) {
	if c.SMTPPasswordFile == "" {
		return c.SMTPPassword, nil
	}
	text, err := os.ReadFile(c.SMTPPasswordFile)
	if err != nil {
		return "", fmt.Errorf("reading smtp_password_file: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if first = strings.TrimSuffix(first, "\r"); first == "" {
		return "", fmt.Errorf("smtp_password_file %s: its first line is empty", c.SMTPPasswordFile)
	}
	return first, nil
}

// SMTPAddress is host and port of the server that takes outgoing mail.
func (c Config) SMTPAddress() string {
	port := c.SMTPPort
	if port == 0 {
		port = map[string]int{"starttls": 587, "tls": 465, "none": 25}[c.SMTPSecurity]
	}
	return net.JoinHostPort(c.SMTPHost, strconv.Itoa(port))
}
