resource "alicloud_event_bridge_service_linked_role" "this" {
  for_each = toset(var.service_linked_roles ? [
    "AliyunServiceRoleForEventBridgeSendToFC",
    "AliyunServiceRoleForEventBridgeSendToMNS",
  ] : [])

  product_name = each.key
}

resource "alicloud_fcv3_trigger" "this" {
  for_each = local.triggers

  function_name = alicloud_fcv3_function.function[each.value.function].function_name
  trigger_name  = each.value.trigger
  trigger_type  = each.value.type
  qualifier     = "LATEST"

  trigger_config = jsonencode(merge(
    each.value.config,
    each.value.type == "timer" && var.only_look ? { enable = each.value.trigger != "sweep" } : {},
  ))

  lifecycle {
    precondition {
      condition     = each.value.type != "eventbridge" || contains(local.deployment.event_regions, var.region)
      error_message = "Events of RAM arrive in ${join(" or ", local.deployment.event_regions)} only: deploy there, or set deletion_events = false."
    }
  }

  depends_on = [
    alicloud_event_bridge_service_linked_role.this,
    alicloud_fcv3_async_invoke_config.function,
    alicloud_fcv3_concurrency_config.function,
    alicloud_message_service_queue.dead_letters,
  ]
}

# What could be delivered neither by EventBridge nor by Function Compute. Nothing is lost with it: the sweep finds the same.
resource "alicloud_message_service_queue" "dead_letters" {
  queue_name = local.names.dead_letters
  # Seven days, the most there is.
  message_retention_period = 604800
  tags                     = var.tags
}
