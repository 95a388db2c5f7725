output "functions" {
  description = "Names of the functions."
  value       = { for name, function in alicloud_fcv3_function.function : name => function.function_name }
}

output "urls" {
  description = "Addresses of the HTTP triggers: commands at revoke, queries at history."
  value = {
    for key, trigger in alicloud_fcv3_trigger.this : local.triggers[key].function => trigger.http_trigger[0].url_internet
    if local.triggers[key].type == "http"
  }
}

output "domain_url" {
  description = "Address of the console pages and the HTTP interface, if there is a domain."
  value       = var.domain == null ? null : "https://${var.domain}"
}

output "domain_cname" {
  description = "What the CNAME record of the domain has to say."
  value       = "${local.account}.${var.region}.fc.aliyuncs.com"
}

output "role_ids" {
  description = "Numeric ids of the functions' roles, which are never touched."
  value       = { for name, role in alicloud_ram_role.function : name => role.role_id }
}

output "log_project" {
  description = "Log project with the functions' logs."
  value       = alicloud_log_project.this.project_name
}

output "dead_letters" {
  description = "ARN of the queue of what could not be delivered."
  value       = local.queue_arn
}

output "instance" {
  description = "The Tablestore instance that holds the history."
  value       = alicloud_ots_instance.this.name
}
