//! Settings that work and are a risk.

use std::net::SocketAddr;

use chat::System;

use super::Finding;
use crate::config::Config;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![protected(config), function_roles(config), tokens(config)];
    findings.extend([listen(config), second_person(config)]);
    findings.extend([System::Slack, System::DingTalk, System::Feishu].map(|system| chat(config, system)));
    findings
}

fn protected(config: &Config) -> Finding {
    const CHECK: &str = "protected";
    match config.protected.len() {
        0 => Finding::warn(
            CHECK,
            "no identity is protected: also break-glass accounts lose access when they are due",
        )
        .next("name the ids that nothing may take access from in `protected`"),
        number => Finding::ok(CHECK, format!("{number} identities are never touched")),
    }
}

fn function_roles(config: &Config) -> Finding {
    const CHECK: &str = "function-roles";
    match config.function_roles.len() {
        0 => Finding::warn(CHECK, "only the role that a function runs under is kept from being its target")
            .next("name the ids of all functions' roles in `function_roles`; the Terraform module does"),
        number => Finding::ok(CHECK, format!("{number} roles of functions are never touched")),
    }
}

fn tokens(config: &Config) -> Finding {
    const CHECK: &str = "tokens";
    let with =
        |role: &str| config.api.tokens.iter().filter(|token| token.split(':').nth(1) == Some(role)).count();
    if config.api.tokens.is_empty() && config.api.oidc.issuer.is_none() {
        return Finding::warn(CHECK, "there are no tokens and no sign-in: the HTTP interface answers nobody")
            .next("`reaper token` makes one; put its line into `api.tokens`");
    }
    let signs_in = if config.api.oidc.issuer.is_some() { "; others sign in at an issuer" } else { "" };
    let (viewers, operators) = (with("viewer"), with("operator"));
    let approvers = with("approver");
    Finding::ok(CHECK, format!("{viewers} viewers, {operators} operators, {approvers} approvers{signs_in}"))
}

fn listen(config: &Config) -> Finding {
    const CHECK: &str = "listen";
    let address = &config.api.listen;
    let loopback = match address.parse::<SocketAddr>() {
        Ok(address) => address.ip().is_loopback(),
        Err(_) => address.starts_with("localhost:"),
    };
    if loopback {
        return Finding::ok(
            CHECK,
            format!("`reaper serve` is reached from this machine alone, at {address}"),
        );
    }
    Finding::warn(
        CHECK,
        format!("`reaper serve` listens at {address} without TLS: tokens can be read on the way"),
    )
    .next("listen on 127.0.0.1 behind a proxy that speaks TLS")
}

fn second_person(config: &Config) -> Finding {
    const CHECK: &str = "second-person";
    if config.policy.second_person {
        return Finding::ok(CHECK, "who asks for a revocation cannot approve it");
    }
    Finding::warn(CHECK, "who asks for a revocation may also approve it")
        .next("set `policy.second_person` to true")
}

fn chat(config: &Config, system: System) -> Finding {
    const CHECK: &str = "chat";
    let finding = |finding: Finding| finding.about(system.to_string());
    let app = config.chat.app(system);
    if app.secrets.is_empty() {
        return match app.users.is_empty() {
            true => finding(Finding::skip(CHECK, "switched off: it has no secrets")),
            false => finding(
                Finding::warn(CHECK, "people are named, and without its secrets it is switched off")
                    .next(format!("set the secrets of chat.{system}, or take its users out")),
            ),
        };
    }
    let missing = match system {
        _ if app.users.is_empty() => Some(("it knows nobody: every command is refused", "users")),
        System::Feishu if config.chat.feishu.app_id.is_none() => {
            Some(("it cannot answer without the app's own credentials", "app_id"))
        }
        System::Feishu if config.chat.feishu.verification_tokens.is_empty() => {
            Some(("the verification token is not compared", "verification_tokens"))
        }
        System::DingTalk if config.chat.dingtalk.conversations.is_empty() => {
            Some(("it takes commands from no conversation", "conversations"))
        }
        _ => None,
    };
    finding(match missing {
        Some((found, setting)) => Finding::warn(CHECK, found).next(format!("set chat.{system}.{setting}")),
        None => Finding::ok(CHECK, format!("{} people may give commands", app.users.len())),
    })
}
