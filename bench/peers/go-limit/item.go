package main

import (
	"encoding/json"
	"strconv"
	"time"
)

// putItem is the body of the conditional write.
func putItem(table string, e event, cpf string, at time.Time) []byte {
	attributes, values := e.Request.UserAttributes, e.Request.ValidationData
	b := make([]byte, 0, 1024)
	b = append(b, `{"TableName":`...)
	b = appendString(b, table)
	b = append(b, `,"ConditionExpression":"attribute_not_exists(cpf)","Item":{`...)
	for _, a := range []struct{ name, value string }{
		{"cpf", cpf}, {"userPoolId", e.UserPoolID}, {"userName", e.UserName}, {"triggerSource", e.TriggerSource},
		{"email", attributes["email"]}, {"phoneNumber", attributes["phone_number"]}, {"trackCode", values["trackCode"]},
	} {
		b = appendText(b, a.name, a.value)
		b = append(b, ',')
	}
	b = append(b, `"claimedAt":{"N":"`...)
	b = appendInt(b, at.UnixMilli())
	b = append(b, `"},"simulation":{"M":{`...)
	for _, name := range []string{"loanValue", "term", "installment", "loanValueSelected"} {
		b = append(b, `"`+name+`":{"N":"`+values[name]+`"},`...) // digits and a point
	}
	b = appendText(b, "id", values["simulationId"])
	b = append(b, ',')
	b = appendText(b, "phone", values["phone"])
	return append(b, "}}}}"...)
}

func appendText(b []byte, name, value string) []byte {
	b = append(b, `"`+name+`":{"S":`...)
	b = appendString(b, value)
	return append(b, '}')
}

func appendString(b []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // a string: no error can come
	return append(b, quoted...)
}

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

func appendBool(b []byte, v bool) []byte { return strconv.AppendBool(b, v) }
