data "alicloud_account" "current" {}

locals {
  account = data.alicloud_account.current.id

  names = {
    project      = "${var.name}-${local.account}"
    logstore     = "functions"
    dead_letters = "${var.name}-dead-letters"
    # Objects in the bucket of the packages. Nothing here puts them there.
    settings   = coalesce(var.settings_object, "settings/reaper.toml")
    checkpoint = "seals/reaper.checkpoint"
  }

  queue_arn = "acs:mns:${var.region}:${local.account}:/queues/${local.names.dead_letters}"

  # What is deployed, made from ../deployment.toml.
  deployment = jsondecode(templatefile("${path.module}/deployment.json", {
    region       = var.region
    instance     = var.instance_name
    dead_letters = local.queue_arn
  }))

  functions = local.deployment.functions

  # The settings that depend on the account. Functions get those that they are described with.
  values = {
    REAPER_CONFIG              = var.settings_object == null ? "" : "oss://${var.code_bucket}/${local.names.settings}"
    REAPER_REGION              = var.region
    REAPER_FUNCTION_ROLES      = join(",", [for role in alicloud_ram_role.function : role.role_id])
    REAPER_PROTECTED           = join(",", var.protected)
    REAPER_API_TOKENS          = join(",", var.api_tokens)
    REAPER_CONSOLE_SESSION_KEY = var.console_session_key
    REAPER_CONSOLE_ORIGIN      = var.domain == null ? "" : "https://${var.domain}"

    REAPER_SEAL_CHECKPOINT_PATH = "oss://${var.code_bucket}/${local.names.checkpoint}"
  }

  environment = {
    for name, function in local.functions : name => merge(
      { for key in function.settings : key => local.values[key] if local.values[key] != "" },
      local.deployment.store_settings,
      var.settings,
    )
  }

  triggers = merge([
    for name, function in local.functions : {
      for trigger, described in function.triggers : "${name}/${trigger}" => {
        function = name
        trigger  = trigger
        type     = described.type
        config   = described.config
      } if described.type != "eventbridge" || (var.deletion_events && !var.only_look)
    }
  ]...)
}

resource "alicloud_oss_bucket" "code" {
  bucket = var.code_bucket
  tags   = var.tags

  server_side_encryption_rule {
    sse_algorithm = "AES256"
  }

  # Every checkpoint stays, and every configuration: what is put over another does not replace it.
  versioning {
    status = "Enabled"
  }
}

resource "alicloud_oss_bucket_acl" "code" {
  bucket = alicloud_oss_bucket.code.bucket
  acl    = "private"
}

# A package of other content has another name, so that its function is updated, and the one before stays for a rollback.
resource "alicloud_oss_bucket_object" "package" {
  for_each = local.functions

  bucket = alicloud_oss_bucket.code.bucket
  key    = "${each.key}/${filesha256("${var.packages}/${each.key}.zip")}.zip"
  source = "${var.packages}/${each.key}.zip"
}

resource "alicloud_fcv3_function" "function" {
  for_each = local.functions

  function_name        = "${var.name}-${each.key}"
  runtime              = var.runtime
  handler              = local.deployment.handler
  role                 = alicloud_ram_role.function[each.key].arn
  cpu                  = each.value.cpu
  memory_size          = each.value.memory_mb
  disk_size            = 512
  timeout              = each.value.timeout_seconds
  instance_concurrency = each.value.instance_concurrency
  internet_access      = true

  environment_variables = local.environment[each.key]

  code {
    oss_bucket_name = alicloud_oss_bucket_object.package[each.key].bucket
    oss_object_name = alicloud_oss_bucket_object.package[each.key].key
  }

  custom_runtime_config {
    command = local.deployment.command
    port    = local.deployment.port
  }

  log_config {
    project                 = alicloud_log_project.this.project_name
    logstore                = alicloud_log_store.functions.logstore_name
    enable_request_metrics  = true
    enable_instance_metrics = true
    log_begin_rule          = "None"
  }

  tags = var.tags

  depends_on = [alicloud_ram_role_policy_attachment.function]

  lifecycle {
    precondition {
      condition     = length(setsubtract(keys(var.settings), local.deployment.known_settings)) == 0
      error_message = "There is no such setting: ${join(", ", setsubtract(keys(var.settings), local.deployment.known_settings))}."
    }
  }
}

resource "alicloud_fcv3_concurrency_config" "function" {
  for_each = local.functions

  function_name        = alicloud_fcv3_function.function[each.key].function_name
  reserved_concurrency = each.value.reserved_concurrency
}

resource "alicloud_fcv3_async_invoke_config" "function" {
  for_each = local.functions

  function_name                  = alicloud_fcv3_function.function[each.key].function_name
  qualifier                      = "LATEST"
  max_async_retry_attempts       = each.value.async_retries
  max_async_event_age_in_seconds = 86400

  destination_config {
    on_failure {
      destination = local.queue_arn
    }
  }

  depends_on = [alicloud_message_service_queue.dead_letters]
}
