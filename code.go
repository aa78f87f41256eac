package skranke

import "strconv"

// Code is a documented error code of the SOAP ports. Its number is what travels
// as errorCode; the list is closed, so numbers are never reordered.
type Code int

// The documented codes.
const (
	CodeOK Code = iota
	CodeIncorrectLoginCustomer
	CodeIncorrectLoginUser
	CodeUnknownCustomer
	CodeInsufficientRights
	CodeInvalidSessionKey
	CodeOperationIllegal
	CodeCustomError
	CodeInvalidCategory
	CodeInvalidPriority
	CodeInvalidSLevel
	CodeInvalidDomain
	CodeInvalidExtraField
	CodeUnknownTicket
	CodeUserNameExists
	CodeEmptyPassword
	CodeUnknownAttachment
	CodeInvalidField
	CodeUnknownMessage
	CodeNoLicense
	CodeInvalidFaqCategory
	CodeInvalidFaqEntry
	CodeFaqScoreOutOfRange
	CodeUnknownLanguage
	CodeAttachmentInUse
	CodeInvalidFaqGroup
	CodeNotificationViolation
	CodeFileNotFound
	CodeIllegalCriterias
	CodeInvalidOwner
	CodeUnknownCompany
	CodeUnknownCustomerID
	CodeUnknownTicketStatus
	CodeUnknownExtraTable
	CodeUnknownUserID
	CodeUserNotFound
	codeCount
)

// codes is the documented list: the name the manual gives a code and the text
// getErrorMessage answers. The index is the number on the wire.
var codes = [codeCount]struct{ name, text string }{
	CodeOK:                     {"SoapErrorNoError", "no error"},
	CodeIncorrectLoginCustomer: {"SoapErrorIncorrectLoginCustomer", "customer login refused: wrong user name or password"},
	CodeIncorrectLoginUser:     {"SoapErrorIncorrectLoginUser", "user login refused: wrong user name or password"},
	CodeUnknownCustomer:        {"SoapErrorUnknownCustomer", "no customer has this user name"},
	CodeInsufficientRights:     {"SoapErrorInsufficientRights", "this user may not do that"},
	CodeInvalidSessionKey:      {"SoapErrorInvalidSessionKey", "session key expired or not valid"},
	CodeOperationIllegal:       {"SoapErrorOperationIllegal", "operation switched off on this system"},
	CodeCustomError:            {"SoapErrorCustomError", "unspecified error"},
	CodeInvalidCategory:        {"SoapErrorInvalidCategory", "category not valid"},
	CodeInvalidPriority:        {"SoapErrorInvalidPriority", "priority not valid"},
	CodeInvalidSLevel:          {"SoapErrorInvalidSLevel", "security level not valid"},
	CodeInvalidDomain:          {"SoapErrorInvalidDomain", "domain must be company, customer or ticket"},
	CodeInvalidExtraField:      {"SoapErrorInvalidExtraField", "extra field unknown or not valid"},
	CodeUnknownTicket:          {"SoapErrorUnknownTicket", "ticket not found or not accessible"},
	CodeUserNameExists:         {"SoapErrorUserNameExists", "user name already taken"},
	CodeEmptyPassword:          {"SoapErrorEmptyPassword", "password is empty"},
	CodeUnknownAttachment:      {"SoapErrorUnknownAttachment", "attachment unknown or not valid"},
	CodeInvalidField:           {"SoapErrorInvalidField", "field unknown or not allowed"},
	CodeUnknownMessage:         {"SoapErrorUnknownMessage", "message not found or not accessible"},
	CodeNoLicense:              {"SoapErrorNoLicense", "module not licensed on this system"},
	CodeInvalidFaqCategory:     {"SoapErrorInvalidFaqCategory", "FAQ category not found or not accessible"},
	CodeInvalidFaqEntry:        {"SoapErrorInvalidFaqEntry", "FAQ entry not found or not accessible"},
	CodeFaqScoreOutOfRange:     {"SoapErrorFaqScoreOutOfRange", "score must be 0 to 10"},
	CodeUnknownLanguage:        {"SoapErrorUnknownLanguage", "language not found"},
	CodeAttachmentInUse:        {"SoapErrorAttachmentInUse", "attachment is in use"},
	CodeInvalidFaqGroup:        {"SoapErrorInvalidFaqGroup", "FAQ group not found"},
	CodeNotificationViolation:  {"SoapErrorNotificationViolation", "another client is reading this user's notifications"},
	CodeFileNotFound:           {"SoapErrorFileNotFound", "file missing on the server"},
	CodeIllegalCriterias:       {"SoapErrorIllegalCriterias", "search criteria not valid"},
	CodeInvalidOwner:           {"SoapErrorInvalidOwner", "owner not valid"},
	CodeUnknownCompany:         {"SoapErrorUnknownCompany", "company not found"},
	CodeUnknownCustomerID:      {"SoapErrorUnknownCustomerId", "customer not found"},
	CodeUnknownTicketStatus:    {"SoapErrorUnknownTicketStatus", "ticket status not valid"},
	CodeUnknownExtraTable:      {"SoapErrorUnknownExtraTable", "extra table not found"},
	CodeUnknownUserID:          {"SoapErrorUnknownUserId", "user id not found"},
	CodeUserNotFound:           {"SoapErrorUserNotFound", "user not found"},
}

// Codes returns every documented code in order.
func Codes() []Code {
	all := make([]Code, codeCount)
	for i := range all {
		all[i] = Code(i)
	}
	return all
}

// Name is the name the manual gives the code, "" for a number outside the list.
func (c Code) Name() string {
	if c < 0 || c >= codeCount {
		return ""
	}
	return codes[c].name
}

// Text is what getErrorMessage answers for the code.
//
// Spec: types/error
func (c Code) Text() string {
	if c < 0 || c >= codeCount {
		return codes[CodeCustomError].text
	}
	return codes[c].text
}

// String is the code as it travels: decimal, no sign, no padding.
func (c Code) String() string { return strconv.Itoa(int(c)) }
