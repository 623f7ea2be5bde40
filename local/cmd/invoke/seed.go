package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/events"
	"github.com/pontte/portaria/local"
)

// otherContent is the content of claims that are not the event's own: no hash.
const otherContent = "other"

// seed puts into the stack, whose pool must be untriggered, what c gives.
func seed(ctx context.Context, stack *local.Stack, binary string, c events.Case) error {
	for _, user := range c.Given.Users {
		if err := createUser(ctx, stack, user); err != nil {
			return err
		}
	}
	for _, item := range c.Given.Items {
		if err := putItem(ctx, stack, item); err != nil {
			return err
		}
	}
	for _, claim := range c.Given.Claims {
		content := otherContent
		if claim.SameContent {
			var err error
			if content, err = contentOf(ctx, binary, c.Event, claim.CPF); err != nil {
				return err
			}
		}
		if err := putItem(ctx, stack, claim.Item(time.Now(), content)); err != nil {
			return err
		}
	}
	return nil
}

func createUser(ctx context.Context, stack *local.Stack, user events.User) error {
	attributes := map[string]string{"email": user.Email, "email_verified": "true"}
	if user.CPF != "" {
		attributes["custom:cpf"] = user.CPF
	}
	in := &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId:    aws.String(stack.UserPoolID()),
		Username:      aws.String(user.UserName),
		MessageAction: cognitotypes.MessageActionTypeSuppress,
	}
	for name, value := range attributes {
		in.UserAttributes = append(in.UserAttributes, cognitotypes.AttributeType{Name: aws.String(name), Value: aws.String(value)})
	}
	_, err := stack.Cognito().AdminCreateUser(ctx, in)
	return err
}

// putItem puts an item as it stands, in DynamoDB's JSON, which the SDK cannot.
func putItem(ctx context.Context, stack *local.Stack, item json.RawMessage) error {
	body, err := json.Marshal(map[string]any{"TableName": stack.Table(), "Item": item})
	if err != nil {
		return fmt.Errorf("put item: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, stack.DynamoDBURL(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("put item: %w", err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("put item: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		words, _ := io.ReadAll(resp.Body) // what can be read helps
		return fmt.Errorf("put item: %s: %s", resp.Status, words)
	}
	return nil
}

// contentOf has the function claim cpf for event in a stack apart, and returns
// the content that it wrote: no other program knows how to make it.
func contentOf(ctx context.Context, binary string, event []byte, cpf string) (string, error) {
	stack, err := local.Start(ctx, local.Config{Binary: binary, Untriggered: true})
	if err != nil {
		return "", err
	}
	defer stack.Close()
	if _, err := stack.Function.Invoke(ctx, event); err != nil {
		return "", fmt.Errorf("content of the event: %w", err)
	}
	out, err := stack.DynamoDB().GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(stack.Table()),
		Key:       map[string]types.AttributeValue{"cpf": &types.AttributeValueMemberS{Value: cpf}},
	})
	if err != nil {
		return "", fmt.Errorf("content of the event: %w", err)
	}
	content, ok := out.Item["content"].(*types.AttributeValueMemberS)
	if !ok {
		return "", errors.New("content of the event: the function claimed another CPF than the claim's")
	}
	return content.Value, nil
}
