//! Credentials from files: the profile of Alibaba's command line, and the credentials file of its clients
//! (alibabacloud-credentials 1.0.12, `cli_profile.py` and `profile.py`).

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::Deserialize;

use super::{Credentials, CredentialsError, ProvideCredentials};

/// No such file is anywhere near this long.
const MAX_FILE: u64 = 1 << 20;

/// `~/.aliyun/config.json`, profiles of mode `AK` and `StsToken`.
pub struct CliProfile {
    path: Option<PathBuf>,
    profile: Option<String>,
}

impl CliProfile {
    /// The usual file; the profile that `ALIBABA_CLOUD_PROFILE` names, else the current one.
    pub fn from_environment() -> Self {
        Self { path: home().map(|home| home.join(".aliyun/config.json")), profile: profile_name() }
    }

    /// A file elsewhere. Without a name, its current profile.
    pub fn new(path: impl Into<PathBuf>, profile: Option<String>) -> Self {
        Self { path: Some(path.into()), profile }
    }
}

impl ProvideCredentials for CliProfile {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        let profile = self.profile.clone();
        Box::pin(from_file("command line profile", self.path.clone(), move |text| {
            parse_cli(text, profile.as_deref())
        }))
    }
}

/// The file that `ALIBABA_CLOUD_CREDENTIALS_FILE` names, else `~/.alibabacloud/credentials.ini`, sections of type
/// `access_key`.
pub struct CredentialsFile {
    path: Option<PathBuf>,
    section: String,
}

impl CredentialsFile {
    /// The usual file; the section that `ALIBABA_CLOUD_PROFILE` names, else `default`.
    pub fn from_environment() -> Self {
        let named = std::env::var_os("ALIBABA_CLOUD_CREDENTIALS_FILE").filter(|path| !path.is_empty());
        let path = named
            .map(PathBuf::from)
            .or_else(|| home().map(|home| home.join(".alibabacloud/credentials.ini")));
        Self { path, section: profile_name().unwrap_or_else(|| "default".to_owned()) }
    }

    /// A section of a file elsewhere.
    pub fn new(path: impl Into<PathBuf>, section: impl Into<String>) -> Self {
        Self { path: Some(path.into()), section: section.into() }
    }
}

impl ProvideCredentials for CredentialsFile {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        let section = self.section.clone();
        Box::pin(from_file("credentials file", self.path.clone(), move |text| parse_ini(text, &section)))
    }
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
}

fn profile_name() -> Option<String> {
    std::env::var("ALIBABA_CLOUD_PROFILE").ok().filter(|name| !name.is_empty())
}

/// Reads the file anew every time: another program may have renewed what is in it.
async fn from_file(
    source: &'static str,
    path: Option<PathBuf>,
    parse: impl FnOnce(&str) -> Result<Credentials, String>,
) -> Result<Credentials, CredentialsError> {
    let Some(path) = path else { return Err(CredentialsError::new(source, "HOME is not set")) };
    let source = format!("{source} {}", path.display());
    let fail = |why: String| CredentialsError::new(&source, why);
    let read = tokio::task::spawn_blocking(move || read_bounded(&path)).await;
    let text = read
        .map_err(|_| fail("reading was cancelled".to_owned()))?
        .map_err(|error| fail(error.to_string()))?;
    parse(&text).and_then(|credentials| credentials.usable(Timestamp::now())).map_err(fail)
}

fn read_bounded(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(std::io::Error::other("longer than 1 MiB"));
    }
    Ok(text)
}

#[derive(Deserialize)]
struct CliConfig {
    #[serde(default)]
    current: String,
    #[serde(default)]
    profiles: Vec<CliEntry>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct CliEntry {
    name: String,
    mode: String,
    access_key_id: String,
    access_key_secret: String,
    sts_token: String,
}

/// The parser's own message may quote the file, so only its place is told.
fn parse_cli(text: &str, wanted: Option<&str>) -> Result<Credentials, String> {
    let config: CliConfig = serde_json::from_str(text)
        .map_err(|e| format!("not a configuration, line {} column {}", e.line(), e.column()))?;
    let wanted = wanted.unwrap_or(&config.current);
    let entry = config
        .profiles
        .iter()
        .find(|entry| entry.name == wanted)
        .ok_or_else(|| format!("it has no profile `{wanted}`"))?;
    let credentials = Credentials::new(&entry.access_key_id, &entry.access_key_secret);
    match entry.mode.as_str() {
        "AK" => Ok(credentials),
        "StsToken" if entry.sts_token.is_empty() => Err(format!("profile `{wanted}` has no token")),
        "StsToken" => Ok(credentials.with_security_token(&entry.sts_token)),
        mode => Err(format!("profile `{wanted}` has mode `{mode}`, only AK and StsToken are read")),
    }
}

fn parse_ini(text: &str, wanted: &str) -> Result<Credentials, String> {
    let section = ini_section(text, wanted).ok_or_else(|| format!("it has no section `{wanted}`"))?;
    let value = |key: &str| section.get(key).copied().filter(|value| !value.is_empty());
    match value("type") {
        Some("access_key") => {}
        other => {
            let kind = other.unwrap_or("");
            return Err(format!("section `{wanted}` has type `{kind}`, only access_key is read"));
        }
    }
    let required = |key: &str| value(key).ok_or_else(|| format!("section `{wanted}` has no {key}"));
    Ok(Credentials::new(required("access_key_id")?, required("access_key_secret")?))
}

/// The keys of one section. As in the official client, what follows a `#` is a comment.
fn ini_section<'a>(text: &'a str, wanted: &str) -> Option<BTreeMap<&'a str, &'a str>> {
    let mut found: Option<BTreeMap<&str, &str>> = None;
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = name.trim() == wanted;
            if inside {
                found.get_or_insert_default();
            }
        } else if inside
            && !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once(['=', ':'])
            && let Some(found) = &mut found
        {
            let value = value.split('#').next().unwrap_or_default();
            found.insert(key.trim(), value.trim());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const CONFIG: &str = r#"{"current":"work","profiles":[
        {"name":"default","mode":"AK","access_key_id":"id-1","access_key_secret":"secret-1","sts_token":"","region_id":"cn-hangzhou","retry_count":0},
        {"name":"work","mode":"StsToken","access_key_id":"id-2","access_key_secret":"secret-2","sts_token":"token-2"},
        {"name":"role","mode":"RamRoleArn","access_key_id":"id-3","access_key_secret":"secret-3"}],"meta_path":""}"#;

    const INI: &str = "# ours\n[default]\nenable = true\ntype = access_key\naccess_key_id = id-1 # mine\n\
                       access_key_secret = secret-1\n\n[role]\ntype = ram_role_arn\naccess_key_secret = secret-3\n";

    #[test]
    fn the_current_profile_is_taken_unless_another_is_named() {
        let current = parse_cli(CONFIG, None).unwrap();
        assert_eq!(current.access_key_id, "id-2");
        assert_eq!(current.security_token.unwrap().expose_secret(), "token-2");
        assert_eq!(parse_cli(CONFIG, Some("default")).unwrap().access_key_id, "id-1");
    }

    #[test]
    fn a_profile_that_is_absent_or_needs_more_calls_is_an_error_without_secrets() {
        let absent = parse_cli(CONFIG, Some("nobody")).unwrap_err();
        assert_eq!(absent, "it has no profile `nobody`");
        let role = parse_cli(CONFIG, Some("role")).unwrap_err();
        assert!(role.contains("RamRoleArn") && !role.contains("secret-3"), "{role}");
        let broken = parse_cli(r#"{"profiles":"secret-9"}"#, None).unwrap_err();
        assert!(broken.contains("line 1") && !broken.contains("secret-9"), "{broken}");
    }

    #[test]
    fn a_section_of_the_ini_file_is_read() {
        let read = parse_ini(INI, "default").unwrap();
        assert_eq!(read.access_key_id, "id-1");
        assert_eq!(read.access_key_secret.expose_secret(), "secret-1");
        let role = parse_ini(INI, "role").unwrap_err();
        assert!(role.contains("ram_role_arn") && !role.contains("secret-3"), "{role}");
        assert_eq!(parse_ini(INI, "x").unwrap_err(), "it has no section `x`");
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_is_named() {
        let error = CliProfile::new("/nonexistent/config.json", None).provide().await.unwrap_err();
        assert!(error.to_string().contains("/nonexistent/config.json"), "{error}");
    }

    #[tokio::test]
    async fn a_file_is_read_from_disk_and_a_huge_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        std::fs::write(&path, CONFIG).unwrap();
        let read = CliProfile::new(&path, Some("default".to_owned())).provide().await.unwrap();
        assert_eq!(read.access_key_id, "id-1");
        std::fs::write(&path, " ".repeat((1 << 20) + 1)).unwrap();
        let error = CliProfile::new(&path, None).provide().await.unwrap_err();
        assert!(error.to_string().contains("longer than 1 MiB"), "{error}");
    }
}
