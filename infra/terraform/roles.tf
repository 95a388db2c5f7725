resource "alicloud_ram_role" "function" {
  for_each = local.functions

  name = "${var.name}-${each.key}"
  document = jsonencode({
    Version = "1"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["fc.aliyuncs.com"] }
    }]
  })
  force = true
}

resource "alicloud_ram_policy" "function" {
  for_each = local.functions

  policy_name = "${var.name}-${each.key}"
  policy_document = templatefile("${path.module}/policies/${each.key}.json", {
    account  = local.account
    region   = var.region
    instance = var.instance_name
    project  = local.names.project
    logstore = local.names.logstore
    queue    = local.names.dead_letters

    bucket     = var.code_bucket
    settings   = local.names.settings
    checkpoint = local.names.checkpoint
  })
  rotate_strategy = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
  tags            = var.tags
}

resource "alicloud_ram_role_policy_attachment" "function" {
  for_each = local.functions

  role_name   = alicloud_ram_role.function[each.key].name
  policy_name = alicloud_ram_policy.function[each.key].policy_name
  policy_type = "Custom"
}
