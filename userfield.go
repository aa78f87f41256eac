package skranke

// UserFields is every field of a user.
//
// Spec: admin/getUser, admin/getUserById, admin/setUser
var UserFields = newFields([]Field[User]{
	{"user.id", TypeUserID, "a.id", AgentGet, func(u *User) Value { return IDValue(int64(u.ID)) }},
	{"user.name", TypeVarchar, "", AgentGet, func(u *User) Value { return TextValue(u.Name()) }},
	{"user.firstname", TypeVarchar, "a.first_name", AgentGet | AgentSet, func(u *User) Value { return TextValue(u.FirstName) }},
	{"user.middlename", TypeVarchar, "a.middle_name", AgentGet | AgentSet, func(u *User) Value { return TextValue(u.MiddleName) }},
	{"user.lastname", TypeVarchar, "a.last_name", AgentGet | AgentSet, func(u *User) Value { return TextValue(u.LastName) }},
	{"user.email", TypeVarchar, "a.email", AgentGet | AgentSet, func(u *User) Value { return TextValue(u.Email) }},
	{"user.loginname", TypeVarchar, "a.login_name", AgentGet | AgentSet, func(u *User) Value { return TextValue(u.LoginName) }},
	{"user.username", TypeVarchar, "a.user_name", AgentGet | AgentSet, func(u *User) Value { return TextValue(u.UserName) }},
	{"user.language", TypeInteger, "a.language", AgentGet | AgentSet, func(u *User) Value { return IntValue(userLanguage(u.Language)) }},
	{"user.status", TypeInteger, "a.status", AgentGet | AgentSet, func(u *User) Value { return IntValue(int64(u.Status)) }},
	{"user.password", TypeVarchar, "", AgentSet, func(*User) Value { return Value{} }},
}, nil)

// UserLanguages are the languages of users by their documented numbers.
//
// Spec: admin/getUser.2
var UserLanguages = [...]string{"en", "no"}

// userLanguage is the number of a stored language; 0 for those without one.
func userLanguage(code string) int64 {
	for i, known := range UserLanguages {
		if Fold(code) == known {
			return int64(i)
		}
	}
	return 0
}
