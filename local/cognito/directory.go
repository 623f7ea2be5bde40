package cognito

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// The states of a user.
const (
	confirmed           = "CONFIRMED"
	forceChangePassword = "FORCE_CHANGE_PASSWORD"
	unconfirmed         = "UNCONFIRMED"
)

// user is one user of a pool. The Service's lock guards it once it is in one.
type user struct {
	name       string
	sub        string
	attributes map[string]string // without sub
	status     string
	created    time.Time
	modified   time.Time
	secret     secret

	number int           // place in the order of creation
	keys   []identityKey // what it is found under
}

// userType is a user as ListUsers and AdminCreateUser give it.
type userType struct {
	Username             string
	Attributes           []attribute
	UserCreateDate       seconds
	UserLastModifiedDate seconds
	Enabled              bool
	UserStatus           string
}

func (u *user) describe() userType {
	return userType{
		Username:             u.name,
		Attributes:           u.list(),
		UserCreateDate:       toSeconds(u.created),
		UserLastModifiedDate: toSeconds(u.modified),
		Enabled:              true,
		UserStatus:           u.status,
	}
}

// list returns the attributes: sub, then the others by name.
func (u *user) list() []attribute {
	list := []attribute{{"sub", attributeValue(u.sub)}}
	for _, name := range slices.Sorted(maps.Keys(u.attributes)) {
		list = append(list, attribute{attributeName(name), attributeValue(u.attributes[name])})
	}
	return list
}

// identityKey is one way to find a user: kind is username, sub, email or
// phone_number, value is canonical.
type identityKey struct{ kind, value string }

// users is the directory of a pool.
type users struct {
	byKey   map[identityKey]*user
	inOrder []*user // of creation
	count   int     // of users ever added
}

func newUsers() users { return users{byKey: make(map[identityKey]*user)} }

// find returns the user that name stands for (a user name, a sub, or an e-mail
// or phone number where the pool lets people sign in with it), or nil.
func (p *pool) find(name string) *user {
	canonical := p.canonical(name)
	for _, kind := range []string{"username", "sub", "email", "phone_number"} {
		if u := p.users.byKey[identityKey{kind, canonical}]; u != nil {
			return u
		}
	}
	return nil
}

// user is find where absence is an exception.
func (p *pool) user(name userName) (*user, error) {
	u := p.find(string(name))
	if u == nil {
		return nil, refuse(userNotFound, "User does not exist.")
	}
	return u, nil
}

// aliasKeys returns the keys by which a user with those attributes is found
// beside its name and sub.
func (p *pool) aliasKeys(attributes map[string]string) []identityKey {
	var keys []identityKey
	for _, name := range p.usernameAttributes {
		if value := attributes[string(name)]; value != "" {
			keys = append(keys, identityKey{string(name), p.canonical(value)})
		}
	}
	for _, name := range p.aliasAttributes {
		if value := attributes[string(name)]; value != "" && attributes[string(name)+"_verified"] == "true" {
			keys = append(keys, identityKey{string(name), p.canonical(value)})
		}
	}
	return keys
}

// conflict returns the exception that keeps u out of the pool: a name, or an
// alias unless force, that another user has.
func (p *pool) conflict(u *user, force bool) error {
	if p.users.byKey[identityKey{"username", p.canonical(u.name)}] != nil {
		return refuse(usernameExists, "User account already exists")
	}
	for _, key := range p.aliasKeys(u.attributes) {
		holder := p.users.byKey[key]
		switch {
		case holder == nil || holder == u:
		case len(p.usernameAttributes) > 0:
			return refuse(usernameExists, "An account with the given %s already exists.", key.kind)
		case !force:
			return p.aliasConflict(key)
		}
	}
	return nil
}

func (p *pool) aliasConflict(key identityKey) error {
	return refuse(aliasExists, "An account with the given %s already exists.", key.kind)
}

// add puts u in the pool, or returns what conflict finds. An alias taken by
// force leaves its former user unverified.
func (p *pool) add(u *user, force bool) error {
	if err := p.conflict(u, force); err != nil {
		return err
	}
	for _, key := range p.aliasKeys(u.attributes) {
		if holder := p.users.byKey[key]; holder != nil {
			holder.attributes[key.kind+"_verified"] = "false"
			holder.modified = u.created
			p.index(holder)
		}
	}
	p.users.count++
	u.number = p.users.count
	p.users.inOrder = append(p.users.inOrder, u)
	p.index(u)
	return nil
}

// index makes u findable under what it is called now.
func (p *pool) index(u *user) {
	p.unindex(u)
	u.keys = append(p.aliasKeys(u.attributes),
		identityKey{"username", p.canonical(u.name)}, identityKey{"sub", u.sub})
	for _, key := range u.keys {
		p.users.byKey[key] = u
	}
}

func (p *pool) unindex(u *user) {
	for _, key := range u.keys {
		delete(p.users.byKey, key)
	}
}

func (p *pool) remove(u *user) {
	p.unindex(u)
	if i, ok := p.users.place(u.number); ok {
		p.users.inOrder = slices.Delete(p.users.inOrder, i, i+1)
	}
}

// place returns where in inOrder the user of that number is, or would be.
func (d *users) place(number int) (int, bool) {
	return slices.BinarySearchFunc(d.inOrder, number, func(u *user, n int) int { return cmp.Compare(u.number, n) })
}

// holds says whether u is in the pool still.
func (p *pool) holds(u *user) bool {
	return p.users.byKey[identityKey{"sub", u.sub}] == u
}
