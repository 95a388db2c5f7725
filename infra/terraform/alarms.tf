locals {
  # What each alert asks the log. The words are those of the functions' log lines.
  alerts = var.alert_action_policy == null ? {} : {
    sweep-overdue = {
      title     = "No sweep has ended for three hours"
      query     = "functionName: ${var.name}-expiry-sweep and \"sweep done\" | select count(1) as n"
      start     = "-3h"
      interval  = "1h"
      condition = "n < 1"
      severity  = 8
    }
    held = {
      title     = "Revocations wait for a person"
      query     = "functionName: ${var.name}-expiry-sweep and \"sweep done\" | select max(cast(json_extract(message, '$.held') as bigint)) as n"
      start     = "-90m"
      interval  = "1h"
      condition = "n > 0"
      severity  = 6
    }
    sweep-errors = {
      title     = "A sweep could not read or do everything"
      query     = "functionName: ${var.name}-expiry-sweep and \"sweep done\" | select max(cast(json_extract(message, '$.errors') as bigint)) as n"
      start     = "-90m"
      interval  = "1h"
      condition = "n > 0"
      severity  = 6
    }
    failed-calls = {
      title     = "Calls of functions fail"
      query     = "functionName: ${var.name}-* and invocation and outcome and error | select count_if(json_extract_scalar(message, '$.outcome') = 'error') as n"
      start     = "-15m"
      interval  = "5m"
      condition = "n > 0"
      severity  = 8
    }
  }
}

resource "alicloud_log_alert" "this" {
  for_each = local.alerts

  version           = "2.0"
  type              = "default"
  project_name      = alicloud_log_project.this.project_name
  alert_name        = "${var.name}-${each.key}"
  alert_displayname = each.value.title
  auto_annotation   = true
  send_resolved     = true
  threshold         = 1
  # A query that finds no line at all still answers one row, with the count 0: silence is no data.
  no_data_fire     = each.key == "sweep-overdue"
  no_data_severity = 8

  schedule {
    type     = "FixedRate"
    interval = each.value.interval
  }

  query_list {
    project        = alicloud_log_project.this.project_name
    region         = var.region
    store          = alicloud_log_store.functions.logstore_name
    store_type     = "log"
    query          = each.value.query
    start          = each.value.start
    end            = "now"
    power_sql_mode = "auto"
  }

  severity_configurations {
    severity = each.value.severity
    eval_condition = {
      condition       = each.value.condition
      count_condition = "__count__ > 0"
    }
  }

  group_configuration {
    type = "no_group"
  }

  annotations {
    key   = "title"
    value = each.value.title
  }

  policy_configuration {
    alert_policy_id  = "sls.builtin.dynamic"
    action_policy_id = var.alert_action_policy
    repeat_interval  = "4h"
  }

  depends_on = [alicloud_log_store_index.functions]
}

resource "alicloud_cms_alarm" "dead_letters" {
  count = length(var.alarm_contact_groups) > 0 ? 1 : 0

  name    = "${var.name}-dead-letters"
  project = "acs_mns_new"
  metric  = "ActiveMessages"
  period  = 300
  metric_dimensions = jsonencode([{
    userId = local.account
    region = var.region
    queue  = alicloud_message_service_queue.dead_letters.queue_name
  }])
  contact_groups = var.alarm_contact_groups

  escalations_critical {
    statistics          = "Maximum"
    comparison_operator = ">"
    threshold           = "0"
    times               = 1
  }
}
