package lambda

import (
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
)

// environ is what a process sees: what Lambda sets, then cfg.Env. Nothing comes
// from our own environment, and the SDK can find no credentials but dummies.
func environ(cfg Config, runtimeAPI string) []string {
	env := map[string]string{
		"AWS_REGION":                      cfg.Region,
		"AWS_DEFAULT_REGION":              cfg.Region,
		"AWS_ACCESS_KEY_ID":               "local",
		"AWS_SECRET_ACCESS_KEY":           "local",
		"AWS_SESSION_TOKEN":               "local",
		"AWS_CONFIG_FILE":                 "/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE":     "/dev/null",
		"AWS_EC2_METADATA_DISABLED":       "true",
		"AWS_LAMBDA_FUNCTION_NAME":        cfg.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(cfg.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + cfg.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      fmt.Sprintf("local/[$LATEST]%x", random(16)),
		"LAMBDA_TASK_ROOT":                filepath.Dir(cfg.Binary),
		"LAMBDA_RUNTIME_DIR":              filepath.Dir(cfg.Binary),
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
		"TZ":                              ":UTC",
		"_HANDLER":                        filepath.Base(cfg.Binary),
	}
	maps.Copy(env, cfg.Env)
	env["AWS_LAMBDA_RUNTIME_API"] = runtimeAPI
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return list
}
