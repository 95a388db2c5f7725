variable "name" {
  description = "Beginning of every name that is made: functions, roles, policies, log project, queue."
  type        = string
  default     = "reaper"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}[a-z0-9]$", var.name))
    error_message = "The name has 3 to 16 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "region" {
  description = "Region that everything is deployed in. It has to be the region of the provider."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z0-9-]+$", var.region))
    error_message = "The region looks like cn-hangzhou."
  }
}

variable "deletion_events" {
  description = "Whether EventBridge tells of deleted users and roles. Its events arrive in cn-hangzhou (accounts of mainland China) or ap-southeast-1 (others) only; elsewhere switch it off, and the sweep finds them within the hour."
  type        = bool
  default     = true
}

variable "code_bucket" {
  description = "Name of the OSS bucket for the packages, made here. Bucket names are unique in the whole of OSS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.code_bucket))
    error_message = "A bucket name has 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "packages" {
  description = "Directory with the packages, one zip a function: dist after `just package`."
  type        = string
}

variable "runtime" {
  description = "Runtime of Function Compute. The packages are static and run on all of them; provider 1.246.0 accepts custom and custom.debian10 only."
  type        = string
  default     = "custom.debian10"

  validation {
    condition     = contains(["custom", "custom.debian10", "custom.debian11", "custom.debian12"], var.runtime)
    error_message = "The runtime is custom, custom.debian10, custom.debian11 or custom.debian12."
  }
}

variable "instance_name" {
  description = "Name of the Tablestore instance, made here."
  type        = string
  default     = "reaper-events"

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{1,14}[a-zA-Z0-9]$", var.instance_name))
    error_message = "An instance name has 3 to 16 letters, digits and hyphens, and begins with a letter."
  }
}

variable "instance_type" {
  description = "Kind of the Tablestore instance. Not every region offers both."
  type        = string
  default     = "HighPerformance"

  validation {
    condition     = contains(["Capacity", "HighPerformance"], var.instance_type)
    error_message = "The kind is Capacity or HighPerformance."
  }
}

variable "api_tokens" {
  description = "Who may call the HTTP interface: name:role:sha256 of the token in hex; roles are viewer, operator and approver. Never the token itself."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for token in var.api_tokens : can(regex("^[^:,]+:(viewer|operator|approver):[0-9a-f]{64}$", token))])
    error_message = "A token is given as name:role:sha256, with 64 lower-case hex digits."
  }
}

variable "domain" {
  description = "Name that the console pages and the HTTP interface are reached by, e.g. reaper.example.com. Its CNAME record (output domain_cname) has to be there before; in mainland China the domain needs an ICP filing."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]{2,63}$", var.domain))
    error_message = "A domain looks like reaper.example.com."
  }
}

variable "domain_certificate" {
  description = "Certificate of the domain and those above it, in PEM."
  type        = string
  default     = null

  validation {
    condition     = var.domain_certificate == null || can(regex("^-----BEGIN CERTIFICATE-----", var.domain_certificate))
    error_message = "A certificate in PEM begins with -----BEGIN CERTIFICATE-----."
  }
}

variable "domain_private_key" {
  description = "Key of the certificate, in PEM. It is kept in the state: the README says what follows."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.domain_private_key == null || can(regex("^-----BEGIN [A-Z ]*PRIVATE KEY-----", var.domain_private_key))
    error_message = "A key in PEM begins with -----BEGIN PRIVATE KEY----- or the like."
  }
}

variable "console_session_key" {
  description = "Signs the sessions of browsers: 32 bytes or more, e.g. of `openssl rand -hex 32`. Nobody signs in on the pages without it. It is kept in the state: the README says what follows."
  type        = string
  default     = ""
  sensitive   = true

  validation {
    condition     = var.console_session_key == "" || length(var.console_session_key) >= 32
    error_message = "A session key has 32 bytes or more."
  }
}

variable "protected" {
  description = "Numeric ids of users and roles that nothing takes access from."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for uid in var.protected : can(regex("^[0-9]+$", uid))])
    error_message = "An id is a number, given as text."
  }
}

variable "settings_object" {
  description = "Object in the bucket of the packages that holds the configuration with the secrets, e.g. settings/reaper.toml. Whoever operates Reaper puts it there, so that it never passes through the state; functions do not start without it. None: the variables are all."
  type        = string
  default     = null

  validation {
    condition     = var.settings_object == null || can(regex("^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$", var.settings_object))
    error_message = "The object has letters, digits, `_`, `-`, `.` and, between names, `/`; no name begins with a point."
  }
}

variable "settings" {
  description = "Further settings of every function, by variable (REAPER_...); the README of Reaper lists them. They are kept in the state: no secrets, those belong into settings_object."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.settings) : can(regex("^REAPER_[A-Z0-9_]+$", key))])
    error_message = "A setting looks like REAPER_GUARD_MAX_SHARE."
  }
}

variable "only_look" {
  description = "Whether sweeps only look and take nothing away: switches the timer `sweep` off and `look` on, and leaves the events of deletions undelivered. For the first days."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How long the logs of the functions are kept, in days."
  type        = number
  default     = 180

  validation {
    condition     = var.log_retention_days >= 7 && var.log_retention_days <= 3650
    error_message = "Logs are kept for 7 to 3650 days."
  }
}

variable "alert_action_policy" {
  description = "Action policy of Log Service that alerts go to, e.g. sls.builtin for none in particular. No alerts on logs without one."
  type        = string
  default     = null
}

variable "alarm_contact_groups" {
  description = "Contact groups of CloudMonitor that hear of dead letters. No such alarm without one."
  type        = list(string)
  default     = []
}

variable "service_linked_roles" {
  description = "Whether to make the service-linked roles that EventBridge needs. They exist once in an account: leave it off if they are there."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of everything that can have some."
  type        = map(string)
  default     = {}
}
