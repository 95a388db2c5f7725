//! Where each service is reached.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use crate::config::ConfigError;
use crate::operation::Service;

/// Scheme, host and port of a service; no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    secure: bool,
    authority: String,
    /// Whether the host is an address in numbers, or this machine: nothing can be put in front of it.
    number: bool,
}

impl BaseUrl {
    /// `https` to a host.
    fn secure(authority: String) -> Self {
        Self { secure: true, authority, number: false }
    }

    /// Host and, where it is not the usual one, port: what `Host` says.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The address of a path here. Path and query are encoded already.
    pub(crate) fn join(&self, path: &str, query: &str) -> Result<Url, String> {
        let question = if query.is_empty() { "" } else { "?" };
        format!("{self}{path}{question}{query}").parse().map_err(|error| format!("not an address: {error}"))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority)
    }
}

impl FromStr for BaseUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let invalid =
            |why: &'static str| ConfigError::Endpoint { url: text.chars().take(200).collect(), why };
        let url: Url = text.parse().map_err(|_| invalid("not an address"))?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(invalid("neither http nor https")),
        };
        let host = url.host_str().ok_or_else(|| invalid("no host"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it carries a user name or password"));
        }
        if !secure && host.ends_with(".aliyuncs.com") {
            return Err(invalid("plain http would show the security token on the way"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("there is something behind the host"));
        }
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let number = url.domain().is_none_or(|name| name == "localhost");
        Ok(Self { secure, authority, number })
    }
}

/// The usual hosts of a region, and what is put in their place.
///
/// Usual hosts (endpoint rules of the packages alibabacloud-cs20151215 7.2.3, -ram20150501 1.3.0, -ims20190815 3.5.0,
/// -sts20150401 1.2.0, -actiontrail20200706 2.6.0; aliyun-log-python-sdk 0.9.52): `cs` (central), `sts.{region}` and
/// `actiontrail.{region}`, central `ram` and `ims`, each under `aliyuncs.com`, and
/// `{project}.{region}.log.aliyuncs.com`; `{bucket}.oss-{region}.aliyuncs.com` (oss2 2.19.1). Some closed or internal regions are served from another host: put it here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    overrides: BTreeMap<Service, BaseUrl>,
}

impl Endpoints {
    /// Puts an address in the place of a service's usual one, e.g. `https://cs.aliyuncs.com` or
    /// `http://127.0.0.1:8080`.
    #[must_use]
    pub fn with(mut self, service: Service, url: BaseUrl) -> Self {
        self.overrides.insert(service, url);
        self
    }

    /// Puts one address in the place of all.
    #[must_use]
    pub fn all(url: &BaseUrl) -> Self {
        Service::ALL
            .into_iter()
            .fold(Self::default(), |endpoints, service| endpoints.with(service, url.clone()))
    }

    /// Where to connect to.
    pub(crate) fn of(&self, service: Service, region: &str) -> BaseUrl {
        if let Some(url) = self.overrides.get(&service) {
            return url.clone();
        }
        BaseUrl::secure(match service {
            Service::Sts | Service::ActionTrail => format!("{service}.{region}.aliyuncs.com"),
            // The central host of Container Service knows the clusters of all regions (ack-ram-tool's default).
            Service::Cs | Service::Ram | Service::Ims => format!("{service}.aliyuncs.com"),
            Service::Sls => format!("{region}.log.aliyuncs.com"),
            Service::Oss => format!("oss-{region}.aliyuncs.com"),
        })
    }

    /// Where to connect to for a project of the log service, and the `Host` to send. In place of the usual host, the
    /// project cannot be a part of the name that is looked up: the address may be a number.
    pub(crate) fn of_project(&self, project: &str, region: &str) -> (BaseUrl, String) {
        let url = self.of(Service::Sls, region);
        let host = format!("{project}.{}", url.authority());
        if self.overrides.contains_key(&Service::Sls) {
            (url, host)
        } else {
            (BaseUrl::secure(host.clone()), host)
        }
    }

    /// Where to connect to for a bucket, and what its paths begin with. As with the official package, a name gets the
    /// bucket in front, e.g. `https://oss-cn-hangzhou-internal.aliyuncs.com`; with an address in numbers, the path does.
    pub(crate) fn of_bucket(&self, bucket: &str, region: &str) -> (BaseUrl, String) {
        let url = self.of(Service::Oss, region);
        if url.number {
            (url, format!("/{bucket}"))
        } else {
            (BaseUrl { authority: format!("{bucket}.{}", url.authority), ..url }, String::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_hosts_follow_the_region() {
        let endpoints = Endpoints::default();
        let url = |service| endpoints.of(service, "cn-beijing").to_string();
        assert_eq!(url(Service::Cs), "https://cs.aliyuncs.com");
        assert_eq!(url(Service::Ram), "https://ram.aliyuncs.com");
        assert_eq!(url(Service::Ims), "https://ims.aliyuncs.com");
        assert_eq!(url(Service::Sts), "https://sts.cn-beijing.aliyuncs.com");
        assert_eq!(url(Service::ActionTrail), "https://actiontrail.cn-beijing.aliyuncs.com");
        let (url, host) = endpoints.of_project("k8s-log", "cn-beijing");
        assert_eq!(url.to_string(), "https://k8s-log.cn-beijing.log.aliyuncs.com");
        assert_eq!(host, "k8s-log.cn-beijing.log.aliyuncs.com");
    }

    #[test]
    fn an_override_is_connected_to_and_the_project_stays_in_host() {
        let endpoints = Endpoints::all(&"http://127.0.0.1:8080".parse().unwrap());
        assert_eq!(endpoints.of(Service::Ram, "x").to_string(), "http://127.0.0.1:8080");
        let (url, host) = endpoints.of_project("k8s-log", "cn-beijing");
        assert_eq!(url.to_string(), "http://127.0.0.1:8080");
        assert_eq!(host, "k8s-log.127.0.0.1:8080");
    }

    #[test]
    fn a_bucket_stands_before_a_name_and_in_the_path_behind_a_number() {
        let of = |endpoints: &Endpoints| {
            let (url, path) = endpoints.of_bucket("settings", "cn-beijing");
            format!("{url}{path}")
        };
        let at = |text: &str| of(&Endpoints::default().with(Service::Oss, text.parse().unwrap()));
        assert_eq!(of(&Endpoints::default()), "https://settings.oss-cn-beijing.aliyuncs.com");
        assert_eq!(
            at("https://oss-cn-beijing-internal.aliyuncs.com"),
            "https://settings.oss-cn-beijing-internal.aliyuncs.com"
        );
        for number in ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080"] {
            assert_eq!(at(number), format!("{number}/settings"));
        }
    }

    #[test]
    fn what_is_no_base_address_is_refused() {
        for text in [
            "",
            "cs.aliyuncs.com",
            "ftp://x",
            "https://x/path",
            "https://x?y",
            "https://u:p@x",
            "http://cs.aliyuncs.com",
        ] {
            assert!(text.parse::<BaseUrl>().is_err(), "{text}");
        }
    }
}
