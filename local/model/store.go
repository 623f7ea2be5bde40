package model

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/local/model/expression"
	"github.com/pontte/portaria/pkg/registry"
)

// itemID stands for the content of an item; 0 for no item.
type itemID uint16

// claim is what the invariants take of an item.
type claim struct {
	item    expression.Item
	owner   registry.User
	content string
	sub     string
	at      int    // claimedAt, in ticks
	rest    string // everything but claimedAt and sub
	version itemID // the first item that differs from it in sub alone, by which nothing is decided
	owners  calls  // the calls whose users it names: by CPF, pool and the name that the trigger saw
}

// intern gives the id of an item.
func (w *world) intern(it expression.Item) itemID {
	if it == nil {
		return 0
	}
	text := canonical(it)
	id, ok := w.itemIDs[text]
	if !ok {
		if len(w.claims) > math.MaxUint16 {
			panic(errors.New("there are more items than an itemID can name"))
		}
		id = itemID(len(w.claims))
		w.itemIDs[text] = id
		w.claims = append(w.claims, w.readClaim(it))
		w.claims[id].version = w.versionOf(id)
	}
	return id
}

func (w *world) versionOf(id itemID) itemID {
	c := w.claims[id]
	for earlier, other := range w.claims[:id] {
		if other.rest == c.rest && other.at == c.at {
			return itemID(earlier)
		}
	}
	return id
}

func (w *world) readClaim(it expression.Item) *claim {
	word := func(name string) string {
		if s, ok := it[name].(*types.AttributeValueMemberS); ok {
			return s.Value
		}
		return ""
	}
	c := &claim{item: it, owner: registry.User{PoolID: word("userPoolId"), Name: word("userName")}, content: word("content"), sub: word("sub")}
	if n, ok := it["claimedAt"].(*types.AttributeValueMemberN); ok {
		ms, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil {
			panic(err) // the registry writes whole milliseconds
		}
		c.at = ticksOf(ms)
	}
	rest := maps.Clone(it)
	delete(rest, "claimedAt")
	delete(rest, "sub")
	c.rest = canonical(rest)
	for i, a := range w.actors[:len(w.Calls)] {
		if a.creates() && a.hasCPF() && a.seen == c.owner && cpfs[a.CPF].Digits() == word("cpf") {
			c.owners |= 1 << i
		}
	}
	return c
}

// effect is what a write does to an item.
type effect struct {
	lets  bool // whether the condition held
	after itemID
}

// effect evaluates the request, which must be a write.
func (w *world) effect(before itemID, id requestID) effect {
	key := uint64(before)<<32 | uint64(id)
	e, ok := w.effects[key]
	if ok {
		return e
	}
	r := w.requests[id]
	item := w.claims[before].item
	e = effect{after: before}
	if e.lets = r.write.Holds(item); e.lets {
		e.after = 0
		if r.kind == update {
			e.after = w.intern(r.write.Apply(item, r.key))
		}
	}
	w.effects[key] = e
	return e
}

// canonical writes an item out, equal items equally.
func canonical(it expression.Item) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(it)) {
		b.WriteString(strconv.Quote(name))
		switch v := it[name].(type) {
		case *types.AttributeValueMemberS:
			b.WriteString("S" + strconv.Quote(v.Value))
		case *types.AttributeValueMemberN:
			b.WriteString("N" + v.Value)
		case *types.AttributeValueMemberM:
			b.WriteString("M{" + canonical(v.Value) + "}")
		default:
			panic(fmt.Sprintf("the model knows no %T", v))
		}
	}
	return b.String()
}
