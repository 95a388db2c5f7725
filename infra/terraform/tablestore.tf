# The tables of the store. `reaper store init` makes the same ones where Terraform is not used, and in both cases it puts the row
# that says which store this is.

locals {
  tables = { for table in local.deployment.tables : table.name => table }

  indexes = merge([
    for table in local.deployment.tables : {
      for index in table.indexes : "${table.name}/${index.name}" => merge(index, { table = table.name })
    }
  ]...)
}

resource "alicloud_ots_instance" "this" {
  name          = var.instance_name
  instance_type = var.instance_type
  tags          = var.tags

  # The history must not go with a `terraform destroy`.
  lifecycle {
    prevent_destroy = true
  }
}

resource "alicloud_ots_table" "this" {
  for_each = local.tables

  instance_name = alicloud_ots_instance.this.name
  table_name    = each.key
  # One version of each cell, and the log for ever: a row is put once and stays.
  time_to_live = each.value.time_to_live
  max_version  = 1
  allow_update = false
  enable_sse   = true
  sse_key_type = "SSE_KMS_SERVICE"

  dynamic "primary_key" {
    for_each = each.value.primary_key

    content {
      name = primary_key.value.name
      type = primary_key.value.type
    }
  }

  dynamic "defined_column" {
    for_each = each.value.columns

    content {
      name = defined_column.value.name
      type = defined_column.value.type
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "alicloud_ots_secondary_index" "this" {
  for_each = local.indexes

  instance_name     = alicloud_ots_instance.this.name
  table_name        = alicloud_ots_table.this[each.value.table].table_name
  index_name        = each.value.name
  index_type        = "Global"
  include_base_data = true
  primary_keys      = each.value.primary_key
  defined_columns   = each.value.columns
}
