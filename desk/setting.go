package desk

import (
	"context"
	"slices"
	"strings"

	"skranke"
)

// Setting is a value that is kept in the database, because it belongs to the
// installation and moves with an export. The settings of the program are in
// its configuration file instead.
type Setting struct {
	Name  string
	Words []string // the values it may have; nil for any text
	Doc   string
}

// off says whether a setting switches off what it is about. Nothing is off
// unless somebody says so.
func off(settings map[string]string, name string) bool {
	return strings.EqualFold(strings.TrimSpace(settings[name]), "off")
}

var onOff = []string{"on", "off"}

// settings are all settings that change anything, by name.
var settings = []Setting{
	{settingAuditDays, nil, "For how many days the log of what was done is kept, see `docs/audit.md`. Without a number of days from 1 on all of it is."},
	{settingCompanyChoice, onOff, "`off`: customers may not choose their company themselves."},
	{settingFaqModule, onOff, "`off`: there is no FAQ; its methods answer as without a licence for it."},
	{settingMessageEditing, onOff, "`off`: messages stay as they were written; `editMessage` of the ticket port is refused."},
	{settingPasswordMail, nil, "The mail a one-time password goes out with. Its first line is the subject. `[[password]]` and the variables of reply templates that begin with `customer.` are filled in."},
	{settingPasswordMail + ".CODE", nil, "The same for customers whose language has this code, such as `password_mail.nb`."},
	{settingSelfRegistration, onOff, "`off`: nobody becomes a customer with `newCustomer` of the customer port."},
	{"config.adminMail", nil, "Only for reply templates, as `[[config.adminMail]]`."},
	{"config.cgiBin", nil, "The folder of the addresses `getModulePaths` gives, after `config.cgiUrl`; without it `/scripts`. Also in reply templates."},
	{"config.cgiUrl", nil, "The address of this server, such as `https://help.example.com`. Links to tickets in mails and the addresses of `getModulePaths` begin with it; without it the latter begin with `public_url` of the configuration file, and without both there are none. Also in reply templates."},
	{"config.cgiUrlInternal", nil, "Only for reply templates."},
	{"config.companyAddress", nil, "Only for reply templates."},
	{"config.companyName", nil, "Only for reply templates."},
	{settingDefaultMail, nil, "The address mails come from that belong to no mailbox, such as `Help desk <help@example.com>`. It goes before `mail_from` of the configuration file. Also in reply templates."},
	{"config.gfxUrl", nil, "Only for reply templates."},
	{"config.panicMail", nil, "Only for reply templates."},
	{"config.uniqueId", nil, "Only for reply templates."},
	{settingInstallation, nil, "Written by skranke itself: a name by which a bucket of attachments knows whose it is; leave it alone."},
	{seededSetting, nil, "Written by skranke itself when the installation was made ready; leave it alone."},
}

// KnownSettings lists the settings that change anything.
func KnownSettings() []Setting { return slices.Clone(settings) }

// IsSetting tells whether a setting of that name changes anything.
func IsSetting(name string) bool { return settingIndex(name) >= 0 }

func settingIndex(name string) int {
	if code, ok := strings.CutPrefix(name, settingPasswordMail+"."); ok && code != "" {
		name = settingPasswordMail + ".CODE"
	}
	return slices.IndexFunc(settings, func(s Setting) bool { return s.Name == name })
}

// Settings returns the settings that have a value.
func (d *Desk) Settings(ctx context.Context) (map[string]string, error) {
	var all map[string]string
	err := d.Export(ctx, func(o *Outgo) (err error) {
		all, err = o.Settings(ctx)
		return err
	})
	return all, err
}

// SetSetting gives a setting a value; "" is as good as none for nearly all. It returns
// CodeCustomError for a name that changes nothing and for a value that the
// setting cannot have.
func (d *Desk) SetSetting(ctx context.Context, name, value string) error {
	if name == seededSetting || name == settingInstallation {
		return skranke.Err(skranke.CodeCustomError, "skranke writes %q itself", name)
	}
	i := settingIndex(name)
	if i < 0 {
		return skranke.Err(skranke.CodeCustomError, "there is no setting %q", name)
	}
	if words := settings[i].Words; value != "" && words != nil && !slices.Contains(words, value) {
		return skranke.Err(skranke.CodeCustomError, "%s: want %s, got %q", name, strings.Join(words, " or "), value)
	}
	return d.change(ctx, func(in *Intake) error { return in.PutSetting(ctx, name, value) })
}
