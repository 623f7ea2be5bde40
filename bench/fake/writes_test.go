package fake_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pontte/portaria/bench/fake"
	"github.com/pontte/portaria/pkg/cpf"
)

const authorization = "AWS4-HMAC-SHA256 Credential=bench/20260310/us-east-1/dynamodb/aws4_request, " +
	"SignedHeaders=content-type;host;x-amz-date, Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func signUps(t *testing.T, n int) []fake.SignUp {
	t.Helper()
	original, err := os.ReadFile("../../events/admin-create-user.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := fake.SignUps(original, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(s fake.SignUp) fake.Write {
	return fake.Write{Authorization: authorization, Body: []byte(`{"TableName":"claims","ConditionExpression":"attribute_not_exists(cpf)",` +
		`"Item":{"cpf":{"S":"` + s.CPF + `"},"rest":{"S":"` + strings.Join(s.Values, " ") + `"}}}`)}
}

func TestCheckWrites(t *testing.T) {
	people := signUps(t, 2)
	good := []fake.Write{write(people[0]), write(people[1])}
	changed := func(old, new string) []fake.Write {
		w := good[1]
		w.Body = []byte(strings.Replace(string(w.Body), old, new, 1))
		return []fake.Write{good[0], w}
	}
	unsigned := slices.Clone(good)
	unsigned[1].Authorization = strings.TrimSuffix(authorization, "f")
	for _, c := range []struct {
		name   string
		writes []fake.Write
		want   string // part of the error; "" for none
	}{
		{"each once", good, ""},
		{"in another order", []fake.Write{good[1], good[0]}, ""},
		{"by key, as UpdateItem", changed(`"Item"`, `"Key"`), ""},
		{"none", nil, "2 sign-ups, but 2 were never written"},
		{"one left out", good[:1], "but 1 were never written"},
		{"one twice", append(slices.Clone(good), good[1]), "one more than once"},
		{"one of nobody", changed(people[1].CPF, people[0].CPF), "one more than once, or of nobody"},
		{"not signed", unsigned, "not signed"},
		{"no condition", changed("attribute_not_exists(cpf)", ""), "without the condition"},
		{"another table", changed(`"claims"`, `"other"`), `table "other"`},
		{"no CPF", changed(`"cpf"`, `"cnpj"`), "without a cpf"},
		{"a value left out", changed("2439.02", ""), `without "2439.02"`},
	} {
		err := fake.CheckWrites(c.writes, people)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: CheckWrites = %v, want %q", c.name, err, c.want)
		}
	}
}

func TestItemSize(t *testing.T) {
	w := fake.Write{Body: []byte(`{"Key":{"cpf":{"S":"12345678901"}},"ExpressionAttributeValues":{":userName":{"S":"ana"},":m":{"M":{"term":{"N":"180"}}}}}`)}
	const want = 3 + 11 + 8 + 3 + 1 + 3 + 4 + 3
	if got, err := w.ItemSize(); got != want || err != nil {
		t.Errorf("ItemSize = %d, %v, want %d, nil", got, err, want)
	}
}

func TestSignUpsHaveValidCPFsOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range signUps(t, 5000) {
		if _, err := cpf.Parse(s.CPF); err != nil || seen[s.CPF] || strings.Count(string(s.Event), s.CPF) != 1 {
			t.Fatalf("CPF %s: %v, seen before %t", s.CPF, err, seen[s.CPF])
		}
		seen[s.CPF] = true
	}
	if _, err := fake.SignUps([]byte("{}"), 1); err == nil {
		t.Error("SignUps of another event: no error")
	}
}
