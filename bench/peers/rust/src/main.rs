//! The trigger in Rust, with AWS's runtime and SDK: a peer of the bench, not for
//! use. It knows neither leases nor retries of Cognito.

mod rules;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use lambda_runtime::{Context, Diagnostic, Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

use rules::Refusal;

#[cfg(feature = "aws-lc")]
const CRYPTO: CryptoMode = CryptoMode::AwsLc;
#[cfg(feature = "ring")]
const CRYPTO: CryptoMode = CryptoMode::Ring;

// One thread, since Lambda gives less than one processor.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = std::env::var("TABLE_NAME")?;
    let https = Builder::new().tls_provider(Provider::Rustls(CRYPTO)).build_https();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(https).load().await;
    let client = Client::new(&config);
    // The connection is made before the first event.
    client.get_item().table_name(&table).key("cpf", text("warm")).send().await?;
    let trigger = Trigger { client, table, cold: AtomicBool::new(true) };
    run(service_fn(|event| trigger.handle(event))).await
}

struct Trigger {
    client: Client,
    table: String,
    cold: AtomicBool,
}

impl Trigger {
    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        let began = SystemTime::now();
        let payload = &event.payload;
        let checked = rules::check(payload);
        let claimed = match &checked {
            Ok(cpf) => self.claim(payload, cpf, began).await,
            Err(refusal) => Err(*refusal),
        };
        self.log(&event.context, payload, checked.ok(), claimed, began);
        match claimed {
            Ok(()) => Ok(event.payload),
            Err(refusal) => Err(Diagnostic { error_type: "Refusal".into(), error_message: refusal.text.into() }),
        }
    }

    async fn claim(&self, event: &Value, cpf: &str, at: SystemTime) -> Result<(), Refusal> {
        let attributes = &event["request"]["userAttributes"];
        let values = &event["request"]["validationData"];
        let simulation = [
            ("id", text(str(&values["simulationId"]))),
            ("loanValue", number(str(&values["loanValue"]))),
            ("term", number(str(&values["term"]))),
            ("installment", number(str(&values["installment"]))),
            ("loanValueSelected", number(str(&values["loanValueSelected"]))),
            ("phone", text(str(&values["phone"]))),
        ];
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .condition_expression("attribute_not_exists(cpf)")
            .item("cpf", text(cpf))
            .item("userPoolId", text(str(&event["userPoolId"])))
            .item("userName", text(str(&event["userName"])))
            .item("email", text(str(&attributes["email"])))
            .item("phoneNumber", text(str(&attributes["phone_number"])))
            .item("trackCode", text(str(&values["trackCode"])))
            .item("triggerSource", text(str(&event["triggerSource"])))
            .item("claimedAt", number(&millis(at).to_string()))
            .item("simulation", AttributeValue::M(simulation.map(|(k, v)| (k.to_string(), v)).into()))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(e) => match e.as_service_error() {
                Some(e) if e.is_conditional_check_failed_exception() => Err(rules::CPF_TAKEN),
                _ => Err(rules::INTERNAL),
            },
        }
    }

    fn log(
        &self,
        context: &Context,
        event: &Value,
        cpf: Option<String>,
        claimed: Result<(), Refusal>,
        began: SystemTime,
    ) {
        let ended = SystemTime::now();
        let outcome = if claimed.is_ok() { "allowed" } else { "refused" };
        let mut line = json!({
            "level": "info",
            "service": "rust",
            "timestamp": DateTime::from_millis(millis(ended)).fmt(DateTimeFormat::DateTime).unwrap_or_default(),
            "cold_start": self.cold.swap(false, Ordering::Relaxed),
            "function_request_id": context.request_id,
            "xray_trace_id": context.xray_trace_id,
            "trigger_source": event["triggerSource"],
            "outcome": outcome,
            "duration_ms": ended.duration_since(began).unwrap_or_default().as_millis() as u64,
            "message": format!("sign-up {outcome}"),
        });
        if let Some(cpf) = cpf {
            line["cpf"] = format!("***.{}.{}-**", &cpf[3..6], &cpf[6..9]).into();
            line["claim"] = "new".into();
        }
        if let Err(refusal) = claimed {
            line["code"] = refusal.code.into();
        }
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

fn text(s: &str) -> AttributeValue {
    AttributeValue::S(s.to_string())
}

fn number(s: &str) -> AttributeValue {
    AttributeValue::N(s.to_string())
}

fn str(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn millis(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis() as i64
}
