package cognito

import "fmt"

// The exceptions of Cognito's API that this service answers with.
const (
	aliasExists           = "AliasExistsException"
	codeDeliveryFailure   = "CodeDeliveryFailureException"
	internalError         = "InternalErrorException"
	invalidLambdaResponse = "InvalidLambdaResponseException"
	invalidParameter      = "InvalidParameterException"
	invalidPassword       = "InvalidPasswordException"
	notAuthorized         = "NotAuthorizedException"
	resourceNotFound      = "ResourceNotFoundException"
	serialization         = "SerializationException"
	unexpectedLambda      = "UnexpectedLambdaException"
	unknownOperation      = "UnknownOperationException"
	unsupportedUserState  = "UnsupportedUserStateException"
	userLambdaValidation  = "UserLambdaValidationException"
	userNotConfirmed      = "UserNotConfirmedException"
	userNotFound          = "UserNotFoundException"
	usernameExists        = "UsernameExistsException"
)

// exception is an error as the API's callers see it.
type exception struct {
	name    string
	message string
}

func (e *exception) Error() string { return e.name + ": " + e.message }

// refuse returns an exception with the formatted message.
func refuse(name, format string, args ...any) error {
	return &exception{name: name, message: fmt.Sprintf(format, args...)}
}
