package registry_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/registry"
)

// TestSpelled puts an item under every text that is maria's CPF to this module,
// made independently, and one under a text that is not.
func TestSpelled(t *testing.T) {
	var keys []string
	for _, first := range []string{"", "."} {
		for _, second := range []string{"", "."} {
			for _, hyphen := range []string{"", "-"} {
				keys = append(keys, "529"+first+"982"+second+"247"+hyphen+"25")
			}
		}
	}
	for _, key := range keys {
		if c, err := cpf.Parse(key); c != mariasCPF {
			t.Fatalf("Parse(%q) = %v, %v, want maria's CPF", key, c, err)
		}
	}
	onEveryStore(t, func(t *testing.T, s *store) {
		records := registry.NewRecords(s.client, s.name)
		if got, err := records.Spelled(t.Context(), mariasCPF); err != nil || len(got) != 0 {
			t.Errorf("Spelled = %v, %v, want nothing of an empty table", got, err)
		}
		for _, key := range append(keys, "529-982-247-25", "11144477735") {
			in := &dynamodb.PutItemInput{TableName: &s.name, Item: item{"cpf": text(key), "email": text("maria@example.com")}}
			if _, err := s.client.PutItem(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		got, err := records.Spelled(t.Context(), mariasCPF)
		var found []string
		for _, r := range got {
			found = append(found, r.Key)
			if r.CPF != mariasCPF || r.Email != "maria@example.com" {
				t.Errorf("the record of %s is not whole", r.Key)
			}
		}
		slices.Sort(found)
		slices.Sort(keys)
		if err != nil || !slices.Equal(found, keys) {
			t.Errorf("Spelled = %v, %v, want %v", found, err, keys)
		}
	})
}

func TestSpelledOfASilentTable(t *testing.T) {
	down := errors.New("connection refused")
	records := registry.NewRecords(deaf{failing: failing{down}}, "claims")
	if got, err := records.Spelled(t.Context(), mariasCPF); got != nil || !errors.Is(err, down) {
		t.Errorf("Spelled = %v, %v, want %v", got, err, down)
	}
}

// deaf is a table of which nothing is asked but what failing has.
type deaf struct {
	failing
	registry.RecordsClient
}

func (d deaf) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return d.failing.GetItem(ctx, in, o...)
}

func (d deaf) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return d.failing.UpdateItem(ctx, in, o...)
}
