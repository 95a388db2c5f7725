# One address for the HTTP functions: pages come from one of them, and what people decide on a page goes to the other.
resource "alicloud_fcv3_custom_domain" "this" {
  for_each = var.domain == null ? {} : { (var.domain) = local.deployment.domain }

  custom_domain_name = each.key
  protocol           = each.value.protocol

  route_config {
    dynamic "routes" {
      for_each = each.value.routes

      content {
        path          = routes.value.path
        function_name = alicloud_fcv3_function.function[routes.value.function].function_name
        qualifier     = "LATEST"
        methods       = routes.value.methods
      }
    }
  }

  cert_config {
    cert_name   = var.name
    certificate = var.domain_certificate
    private_key = var.domain_private_key
  }

  tls_config {
    min_version = each.value.min_tls
    max_version = each.value.max_tls
  }

  lifecycle {
    precondition {
      condition     = var.domain_certificate != null && var.domain_private_key != null
      error_message = "A domain speaks TLS alone: give domain_certificate and domain_private_key."
    }
  }

  depends_on = [alicloud_fcv3_trigger.this]
}
