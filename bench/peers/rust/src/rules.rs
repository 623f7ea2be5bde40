//! Which sign-ups are refused, and in which words.

use serde_json::Value;

#[derive(Clone, Copy)]
pub struct Refusal {
    pub code: &'static str,
    pub text: &'static str,
}

const INVALID_CPF: Refusal = Refusal { code: "invalid_cpf", text: "O cpf informado não é válido" };
pub const CPF_TAKEN: Refusal = Refusal { code: "cpf_taken", text: "Uma conta com esse CPF já existe" };
const MISSING_TRACK_CODE: Refusal =
    Refusal { code: "missing_track_code", text: "o parâmetro trackCode não foi enviado" };
const INVALID_SIMULATION: Refusal =
    Refusal { code: "invalid_simulation", text: "informações da simulação estão erradas" };
pub const INTERNAL: Refusal =
    Refusal { code: "internal", text: "Não foi possível concluir o cadastro agora; tente novamente em instantes" };

const AREA_CODES: &[u8] = &[
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 24, 27, 28, 31, 32, 33, 34, 35, 37, 38, 41, 42, 43, 44, 45, 46, 47, 48,
    49, 51, 53, 54, 55, 61, 62, 63, 64, 65, 66, 67, 68, 69, 71, 73, 74, 75, 77, 79, 81, 82, 83, 84, 85, 86, 87, 88, 89,
    91, 92, 93, 94, 95, 96, 97, 98, 99,
];

/// The digits of the sign-up's CPF, or why it is refused.
pub fn check(event: &Value) -> Result<String, Refusal> {
    let values = &event["request"]["validationData"];
    let value = |name: &str| values[name].as_str().unwrap_or_default();
    let cpf: String = event["request"]["userAttributes"]["custom:cpf"]
        .as_str()
        .unwrap_or_default()
        .chars()
        .filter(|c| *c != '.' && *c != '-')
        .collect();
    if !valid_cpf(&cpf) {
        return Err(INVALID_CPF);
    }
    if !identifier(value("trackCode")) {
        return Err(MISSING_TRACK_CODE);
    }
    let amounts = ["loanValue", "installment", "loanValueSelected"];
    let complete = identifier(value("simulationId"))
        && amounts.iter().all(|name| amount(value(name)))
        && term(value("term"))
        && phone(value("phone"));
    if complete { Ok(cpf) } else { Err(INVALID_SIMULATION) }
}

fn valid_cpf(s: &str) -> bool {
    let b = s.as_bytes();
    b.len() == 11
        && digits(s, 11)
        && b.iter().any(|d| *d != b[0])
        && check_digit(&b[..9]) == b[9]
        && check_digit(&b[..10]) == b[10]
}

fn check_digit(b: &[u8]) -> u8 {
    let sum: usize = b.iter().enumerate().map(|(i, d)| usize::from(d - b'0') * (b.len() + 1 - i)).sum();
    b'0' + (sum * 10 % 11 % 10) as u8
}

fn identifier(s: &str) -> bool {
    !s.trim().is_empty() && s.len() <= 256
}

fn digits(s: &str, most: usize) -> bool {
    (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit())
}

fn amount(s: &str) -> bool {
    let written = match s.split_once('.') {
        Some((whole, fraction)) => digits(whole, 15) && digits(fraction, 4),
        None => digits(s, 15),
    };
    written && s.bytes().any(|b| b != b'0' && b != b'.')
}

fn term(s: &str) -> bool {
    digits(s, 3) && s.parse().is_ok_and(|months: u16| (1..=600).contains(&months))
}

fn phone(s: &str) -> bool {
    let Some(rest) = s.strip_prefix("+55") else { return false };
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let parts = match rest.strip_prefix('(') {
        Some(rest) => rest.split_once(')'),
        None => rest.split_at_checked(2),
    };
    let Some((area, rest)) = parts else { return false };
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let subscriber = match rest.split_once('-') {
        Some((front, last)) if last.len() == 4 => format!("{front}{last}"),
        Some(_) => return false,
        None => rest.to_string(),
    };
    let kind = match (subscriber.len(), subscriber.bytes().next()) {
        (9, Some(b'9')) | (8, Some(b'2'..=b'5')) => true,
        _ => false,
    };
    digits(area, 2) && area.parse().is_ok_and(|a: u8| AREA_CODES.contains(&a)) && digits(&subscriber, 9) && kind
}
