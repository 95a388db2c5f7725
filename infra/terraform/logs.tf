resource "alicloud_log_project" "this" {
  project_name = local.names.project
  tags         = var.tags
}

resource "alicloud_log_store" "functions" {
  project_name     = alicloud_log_project.this.project_name
  logstore_name    = local.names.logstore
  retention_period = var.log_retention_days
  auto_split       = true

  max_split_shard_count = 8
}

resource "alicloud_log_store_index" "functions" {
  project  = alicloud_log_project.this.project_name
  logstore = alicloud_log_store.functions.logstore_name

  full_text {
    case_sensitive = false
    token          = " #$^*\r\n\t,;:\"'(){}[]"
  }

  # The lines of the functions, JSON objects, arrive as text in this field.
  field_search {
    name             = "message"
    type             = "text"
    enable_analytics = true
    token            = " #$^*\r\n\t,;:\"'(){}[]"
  }

  field_search {
    name             = "functionName"
    type             = "text"
    enable_analytics = true
    token            = " "
  }
}
