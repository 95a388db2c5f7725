terraform {
  required_version = ">= 1.3"

  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = ">= 1.246.0, < 2.0.0"
    }
  }
}

variable "region" {
  description = "cn-hangzhou for accounts of mainland China, ap-southeast-1 for others."
  type        = string
  default     = "ap-southeast-1"
}

variable "console_session_key" {
  description = "As of `openssl rand -hex 32`, from the environment: TF_VAR_console_session_key."
  type        = string
  sensitive   = true
}

variable "certificate" {
  description = "Files with the certificate of the domain and its key, in PEM."
  type        = object({ chain = string, key = string })
}

provider "alicloud" {
  region = var.region
}

resource "alicloud_cms_alarm_contact_group" "security" {
  alarm_contact_group_name = "security"
}

module "reaper" {
  source = "../.."

  name          = "reaper-prod"
  region        = var.region
  code_bucket   = "example-reaper-prod-code"
  packages      = "../../../../dist"
  runtime       = "custom.debian10"
  instance_name = "reaper-prod"

  # SHA-256 of the token: `printf %s "$TOKEN" | sha256sum`.
  api_tokens = [
    "chatops:operator:${sha256("an example, never used")}",
    "auditor:viewer:${sha256("another example, never used")}",
  ]

  domain              = "reaper.example.com"
  domain_certificate  = file(var.certificate.chain)
  domain_private_key  = file(var.certificate.key)
  console_session_key = var.console_session_key

  protected = ["200000000000000001"]
  # Put there before: `ossutil cp reaper.toml oss://example-reaper-prod-code/settings/reaper.toml`.
  settings_object = "settings/reaper.toml"
  settings = {
    REAPER_GUARD_MAX_IDENTITIES = "10"
    REAPER_SWEEP_EXPIRED        = "false"
  }

  deletion_events      = true
  service_linked_roles = true
  log_retention_days   = 365
  alert_action_policy  = "sls.builtin"
  alarm_contact_groups = [alicloud_cms_alarm_contact_group.security.alarm_contact_group_name]
  tags                 = { team = "security" }
}

output "urls" {
  description = "Addresses of the HTTP triggers."
  value       = module.reaper.urls
}

output "console" {
  description = "Address of the console pages."
  value       = module.reaper.domain_url
}
