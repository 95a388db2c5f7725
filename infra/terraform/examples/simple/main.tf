terraform {
  required_version = ">= 1.3"

  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = ">= 1.246.0, < 2.0.0"
    }
  }
}

provider "alicloud" {
  region = "cn-hangzhou"
}

# Looks for a while, and takes nothing away: set only_look to false when you trust what it says.
module "reaper" {
  source = "../.."

  region      = "cn-hangzhou"
  code_bucket = "example-reaper-code"
  packages    = "../../../../dist"
  only_look   = true
}
