// Package dynamodb is the local stack's DynamoDB: minidyn behind a handler that
// makes up for where it differs from AWS, the claims table, and a client that
// can reach nothing but the endpoint it was given.
//
// It is a tool for development and tests. What it cannot show is listed in
// engine_test.go; DynamoDB Local is the reference for that.
package dynamodb

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Region is the region every local endpoint stands for.
const Region = "us-east-1"

// maxConns is how many connections a client keeps to one host: DynamoDB Local
// resets connections beyond a backlog of 50.
const maxConns = 32

// Client returns a client of the DynamoDB at endpoint, an URL. It reads neither
// environment nor files, its credentials are dummies, and it opens at most 32
// connections. Changes are applied last, so that a test can take the retries
// away or count requests.
func Client(endpoint string, changes ...func(*dynamodb.Options)) *dynamodb.Client {
	transport := &http.Transport{MaxConnsPerHost: maxConns, MaxIdleConnsPerHost: maxConns}
	return dynamodb.New(dynamodb.Options{
		Region:       Region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:   &http.Client{Transport: transport},
	}, changes...)
}

// CreateTable creates the claims table: partition key cpf, a string, paid per
// request. It returns when the table has been created, which on both local
// engines is when it can be used (minidyn never says ACTIVE). A table of that
// name is a *types.ResourceInUseException.
func CreateTable(ctx context.Context, client *dynamodb.Client, name string) error {
	return createTable(ctx, client, name, "cpf")
}

// CreateLimitsTable creates the limits table: partition key key, a string. It is
// CreateTable in all else.
func CreateLimitsTable(ctx context.Context, client *dynamodb.Client, name string) error {
	return createTable(ctx, client, name, "key")
}

func createTable(ctx context.Context, client *dynamodb.Client, name, key string) error {
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:            aws.String(name),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String(key), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String(key), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		return fmt.Errorf("create table %s: %w", name, err)
	}
	return nil
}
