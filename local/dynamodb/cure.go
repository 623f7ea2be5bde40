package dynamodb

import (
	"encoding/json"
	"net/http"
	"strings"
)

// write is what the cures need to know of an UpdateItem or DeleteItem.
type write struct {
	TableName                           string
	Key                                 item
	UpdateExpression                    string
	ExpressionAttributeNames            map[string]string
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
}

type item map[string]json.RawMessage

// cure makes minidyn's answer to a write what DynamoDB's is. before is the item
// as it was, nil when there was none.
func (h *handler) cure(w write, before item, a answer) answer {
	if a.status == http.StatusOK {
		return h.finish(w, before, a)
	}
	var refused struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if json.Unmarshal(a.body, &refused) != nil {
		return a
	}
	switch {
	case refused.Type == "ConditionalCheckFailedException":
		// minidyn leaves the item out when a DeleteItem was refused.
		return conditionFailed(w, before)
	case refused.Type == "ValidationException" && typesDiffer(refused.Message):
		// To compare values of two types is false in DynamoDB and an error in
		// minidyn. The whole condition is taken as false: right where no OR and
		// no NOT could still make it true, and no condition of ours has one.
		return conditionFailed(w, before)
	}
	return a
}

// typesDiffer tells minidyn's complaints about the types of two values, by the
// only thing that tells them: their text.
func typesDiffer(message string) bool {
	return strings.Contains(message, "operand is not ") ||
		strings.Contains(message, "type mismatch: ") ||
		strings.Contains(message, "comparing types are not supported: ")
}

func conditionFailed(w write, before item) answer {
	failed := struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
		Item    item   `json:",omitempty"`
	}{Type: "ConditionalCheckFailedException", Message: "The conditional request failed"}
	if w.ReturnValuesOnConditionCheckFailure == "ALL_OLD" {
		failed.Item = before
	}
	body, _ := json.Marshal(failed) // came from JSON
	return answer{http.StatusBadRequest, body}
}

// finish does what minidyn left undone in a write that succeeded.
func (h *handler) finish(w write, before item, a answer) answer {
	// minidyn accepts REMOVE and keeps the attribute, unless it is part of a
	// list or a map.
	if names := removed(w); len(names) > 0 {
		after := h.get(w)
		for _, name := range names {
			delete(after, name)
		}
		body, _ := json.Marshal(map[string]any{"TableName": w.TableName, "Item": after}) // came from JSON
		if put := h.run("PutItem", body); put.status != http.StatusOK {
			return put
		}
	}
	// minidyn takes the key for the old item when there was none, and what it
	// returns as new still has what was removed.
	switch w.ReturnValues {
	case "ALL_OLD":
		return attributes(before)
	case "ALL_NEW":
		return attributes(h.get(w))
	}
	return a
}

func attributes(it item) answer {
	body, _ := json.Marshal(struct {
		Attributes item `json:",omitempty"`
	}{it}) // came from JSON
	return answer{http.StatusOK, body}
}

// removed gives the names of the whole attributes that w removes.
func removed(w write) []string {
	var names []string
	removing := false
	for word := range strings.FieldsSeq(strings.ReplaceAll(w.UpdateExpression, ",", " ")) {
		switch strings.ToUpper(word) {
		case "SET", "ADD", "DELETE":
			removing = false
			continue
		case "REMOVE":
			removing = true
			continue
		}
		if !removing || strings.ContainsAny(word, ".[") {
			continue
		}
		if name, ok := w.ExpressionAttributeNames[word]; ok {
			word = name
		}
		names = append(names, word)
	}
	return names
}

func (h *handler) get(w write) item {
	body, _ := json.Marshal(map[string]any{"TableName": w.TableName, "Key": w.Key}) // came from JSON
	var got struct{ Item item }
	// An answer that is none reads as no item: the write that follows is told
	// what is wrong with its table or key.
	_ = json.Unmarshal(h.run("GetItem", body).body, &got)
	return got.Item
}

// scan is what the cure of a Scan that goes on needs to know of it.
type scan struct {
	TableName         string
	ExclusiveStartKey item
}

// scan has minidyn go on after a key. Where the item of that key is gone, minidyn
// finds nothing after it and says that the scan is over; DynamoDB goes on from
// where the item would be. So it is put back meanwhile.
func (h *handler) scan(s scan, body []byte) answer {
	start := write{TableName: s.TableName, Key: s.ExclusiveStartKey}
	if h.get(start) != nil {
		return h.run("Scan", body)
	}
	put, _ := json.Marshal(map[string]any{"TableName": s.TableName, "Item": s.ExclusiveStartKey}) // came from JSON
	if a := h.run("PutItem", put); a.status != http.StatusOK {
		return a
	}
	a := h.run("Scan", body)
	remove, _ := json.Marshal(map[string]any{"TableName": s.TableName, "Key": s.ExclusiveStartKey}) // came from JSON
	h.run("DeleteItem", remove)
	return a
}
