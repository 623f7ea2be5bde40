// Package model explores what may happen when several people sign up with one
// CPF at once and things fail, and finds the shortest schedule that breaks an
// invariant of the claim protocol.
//
// The code that decides is the real one: every invocation is signup.Handler over
// registry.Table and userpool.Users, from the event to the answer, and Bind is
// registry.Table's. Each is executed until it sends a request to DynamoDB or
// Cognito, is stopped there, and goes on when the exploration answers it; the
// package expression evaluates the conditions and updates as they are sent.
//
// What may happen, at any time and in any order, within the bounds of a Scenario:
//
//   - A call to Cognito is made. Cognito runs the trigger up to three times,
//     looks for a duplicate before or after, and creates the user; it may give up
//     at any point. Who it gave up on runs on, however long.
//   - A request is carried out and answered; it is lost; its reply is lost, and
//     the SDK sends it again; it is delayed and carried out at any later time,
//     or never; the function crashes before or after it. A look-up fails.
//   - A user is deleted, or gets another e-mail.
//   - The clock ticks, past leases and past the time that Cognito waits.
//   - Bind runs, at any time after the creation.
//
// Pools are of four kinds: new UUIDs for user names, user names of the request,
// these with e-mails as aliases, and UUIDs that the trigger does not see.
//
// What must hold:
//
//	(a) At most one live user has a CPF.
//	(b) When nothing is under way and a lease has passed, whoever signs up, a
//	    stranger or somebody once more, gets in if no live user has the CPF, and
//	    otherwise does not become a second.
//	(c) A claim is changed only by its owner (same user and content; Bind and
//	    Renew: same user), or whole by somebody whose invocation began a lease
//	    after the claim's and who was told, when the claim stood as it does, that
//	    its owner does not exist, rightly.
//	(d) claimedAt never goes down, and whoever is allowed leaves a claim that is
//	    theirs and as young as their invocation.
//	(e) Every live user with a CPF has a claim that names them, by the name that
//	    the trigger saw, and its sub, if any, is that of a user of this name.
//
// What is taken for granted, and what each would cost: nobody is created later
// than Creation ticks after the try that let them in began, and Creation and
// Skew together are less than Lease; custom:cpf does not change; user names are
// unique at all times; a look-up sees the pool as it is (a lag counts as a later
// creation); the table's writes and reads are linearizable. E-mails need not be
// unique when two calls run at once, except where the trigger does not see the
// final user name: there e-mails must also stay as they are.
//
// It is a tool for tests: nothing that is deployed imports it.
package model
