//! Each operation: what is asked, and what is made of the answer.

use alibaba_cloud::actiontrail::LookupBy;
use alibaba_cloud::cs::Scope;
use alibaba_cloud::sls::{LastAccess, LogStore};
use alibaba_cloud::{ErrorKind, Listing, sls_signature};
use jiff::Timestamp;
use kubeconfig::reading::{AccountKind, AccountState, CertificateState, ClusterState};
use kubeconfig::{ClusterId, KubeconfigKey, Uid};

use crate::permit::permit;
use crate::script::{Server, Step, answer, credentials, ok};

fn cluster() -> ClusterId {
    "c0123".parse().unwrap()
}

fn uid() -> Uid {
    "200000000000000001".parse().unwrap()
}

fn key() -> KubeconfigKey {
    KubeconfigKey { cluster: cluster(), uid: uid() }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn clusters_are_read_page_by_page_and_an_unknown_state_is_kept() {
    let server = Server::play(vec![
        ok(r#"{"clusters":[
            {"cluster_id":"c1","name":"prod","region_id":"cn-hangzhou","state":"running","cluster_type":"ManagedKubernetes",
             "profile":"Acs","cluster_spec":"ack.pro.small","current_version":"1.33.1","created":"2025-01-02T08:00:00+08:00"},
            {"cluster_id":"../x","name":"odd","state":"running"}],"page_info":{"page_number":1,"total_count":3}}"#),
        ok(r#"{"clusters":[{"cluster_id":"c2","state":"hibernating"}],"page_info":{"total_count":3}}"#),
    ])
    .await;
    let listing = Listing::collect(server.client().cs().clusters()).await.unwrap();
    let [prod, other] = &listing.entries[..] else { panic!("{listing:?}") };
    assert_eq!(
        (prod.name.as_str(), prod.profile.as_str(), prod.spec.as_str()),
        ("prod", "Acs", "ack.pro.small")
    );
    assert_eq!((&prod.state, prod.version.as_str()), (&ClusterState::Running, "1.33.1"));
    assert_eq!(prod.created, Some(time("2025-01-02T00:00:00Z")));
    assert_eq!(other.state, ClusterState::Other("hibernating".to_owned()));
    assert_eq!(listing.invalid[0].name, "cluster_id=../x");
    assert_eq!(
        server.lines(),
        [
            "GET /api/v1/clusters?page_number=1&page_size=50",
            "GET /api/v1/clusters?page_number=2&page_size=50"
        ]
    );
}

#[tokio::test]
async fn one_cluster_is_read() {
    let server = Server::play(vec![
        ok(r#"{"cluster_id":"c0123","name":"prod","state":"delete_failed","size":3}"#),
        answer(404, &[], r#"{"code":"ErrorClusterNotFound"}"#),
    ])
    .await;
    let client = server.client();
    assert_eq!(client.cs().cluster(&cluster()).await.unwrap().state, ClusterState::DeleteFailed);
    assert!(client.cs().cluster(&cluster()).await.unwrap_err().is_not_found());
    assert_eq!(server.lines(), ["GET /clusters/c0123", "GET /clusters/c0123"]);
}

#[tokio::test]
async fn the_kubeconfigs_of_a_cluster_are_read_with_their_holders() {
    let server = Server::play(vec![ok(r#"{"page":{"page_number":1,"page_size":50,"total_count":4},"states":[
        {"account_id":"200000000000000001","account_name":"alice","account_display_name":"Alice","account_type":"RamUser",
         "account_state":"Deleted","cert_state":"Unexpired","cert_expire_time":"2028-04-09T14:20:47+08:00","revokable":true,
         "cloud_service_name":"","cloud_service_roles":[]},
        {"account_id":300000000000000001,"account_type":"RamRole","account_state":"InActive","cert_state":"Unknown",
         "cert_expire_time":""},
        {"account_id":"alice","account_type":"RamUser","account_state":"Active","cert_state":"Expired"},
        {"account_id":"200000000000000002","account_type":"RamUser","account_state":"Active","cert_state":"Expired",
         "cert_expire_time":"soon"}]}"#)])
    .await;
    let listing = Listing::collect(server.client().cs().cluster_kubeconfigs(&cluster())).await.unwrap();
    let [alice, role] = &listing.entries[..] else { panic!("{listing:?}") };
    assert_eq!(alice.key, key());
    assert_eq!((&alice.account.kind, &alice.account.state), (&AccountKind::RamUser, &AccountState::Deleted));
    assert_eq!((alice.account_name.as_str(), alice.revocable), ("alice", Some(true)));
    assert_eq!(alice.certificate.state, CertificateState::Unexpired);
    assert_eq!(alice.certificate.expires_at, Some(time("2028-04-09T06:20:47Z")));
    assert_eq!((role.key.uid.as_str(), &role.account.state), ("300000000000000001", &AccountState::Inactive));
    assert_eq!(role.certificate.expires_at, None);
    let names: Vec<_> = listing.invalid.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["account_id=alice", "account_id=200000000000000002"]);
    assert_eq!(server.lines(), ["GET /clusters/c0123/kubeconfig/states?pageNumber=1&pageSize=50"]);
}

#[tokio::test]
async fn the_kubeconfigs_of_an_identity_are_read_until_a_page_is_empty() {
    let server = Server::play(vec![
        ok(r#"{"page":{},"states":[{"cluster_id":"c0123","cluster_name":"prod","cluster_state":"running",
            "cert_state":"Removed","cert_expire_time":"2028-04-09T06:20:47Z"}]}"#),
        ok(r#"{"page":{},"states":[]}"#),
    ])
    .await;
    let listing = Listing::collect(server.client().cs().user_kubeconfigs(&uid())).await.unwrap();
    assert_eq!(listing.entries[0].key, key());
    assert_eq!(listing.entries[0].certificate.state, CertificateState::Removed);
    assert_eq!(listing.entries[0].certificate.expires_at, Some(time("2028-04-09T06:20:47Z")));
    let path = "GET /users/200000000000000001/kubeconfig/states";
    assert_eq!(
        server.lines(),
        [format!("{path}?page_number=1&page_size=100"), format!("{path}?page_number=2&page_size=100")]
    );
}

#[tokio::test]
async fn a_clean_says_force_only_when_it_is_meant() {
    let server = Server::play(vec![answer(200, &[("x-acs-request-id", "R-7")], ""), ok("{}")]).await;
    let cs = server.client().cs();
    let cleaned = cs.clean_cluster_user_permissions(&permit(key(), false)).await.unwrap();
    assert_eq!(cleaned.request_id.as_deref(), Some("R-7"));
    cs.clean_cluster_user_permissions(&permit(key(), true)).await.unwrap();
    let path = "DELETE /cluster/c0123/user/200000000000000001/permissions";
    assert_eq!(server.lines(), [path.to_owned(), format!("{path}?Force=true")]);
}

#[tokio::test]
async fn permissions_are_read_with_the_cluster_they_are_on() {
    let body = r#"[
        {"resource_id":"c0123/shop","resource_type":"namespace","role_name":"","role_type":"dev","is_owner":0,"is_ram_role":0},
        {"resource_id":"c9","resource_type":"cluster","role_type":"admin","is_owner":1},
        {"resource_id":"all-clusters","resource_type":"console","role_name":"cs:ops","role_type":"ops"}]"#;
    let server = Server::play(vec![ok(body), ok(body), ok("null"), ok(r#"[{"resource_id":"?"}]"#)]).await;
    let cs = server.client().cs();
    let all = cs.user_permissions(&uid()).await.unwrap();
    assert_eq!(all.entries[1].scope, Scope::Cluster("c9".parse().unwrap()));
    assert!(all.entries[1].is_owner && !all.entries[0].is_owner);
    let here = cs.permissions_on(&key()).await.unwrap();
    let resources: Vec<_> = here.iter().map(|permission| permission.resource_id.as_str()).collect();
    assert_eq!(resources, ["all-clusters", "c0123/shop"]);
    assert!(cs.permissions_on(&key()).await.unwrap().is_empty());
    let odd = cs.permissions_on(&key()).await.unwrap_err();
    assert_eq!(odd.kind(), ErrorKind::InvalidResponse, "what is not understood may be about this cluster");
    assert_eq!(server.lines()[0], "GET /permissions/users/200000000000000001");
}

#[tokio::test]
async fn activity_and_audit_project_are_read() {
    let server = Server::play(vec![
        ok(r#"{"log_project_name":"k8s-log","log_store_name":"audit-c0123","active":true,
            "last_activity":"2026-01-02T11:04:05+08:00","last_audit_id":"a1"}"#),
        ok(r#"{"sls_project_name":"k8s-log","audit_enabled":true}"#),
        ok(r#"{"sls_project_name":"","audit_enabled":false}"#),
    ])
    .await;
    let cs = server.client().cs();
    let activity = cs.user_activity(&key()).await.unwrap();
    assert_eq!((activity.active, activity.last_activity), (true, Some(time("2026-01-02T03:04:05Z"))));
    let audit = cs.audit_project(&cluster()).await.unwrap();
    assert_eq!((audit.enabled, audit.project.as_deref()), (true, Some("k8s-log")));
    let off = cs.audit_project(&cluster()).await.unwrap();
    assert_eq!((off.enabled, off.project), (false, None));
    assert_eq!(
        server.lines()[..2],
        ["GET /clusters/c0123/users/200000000000000001/activity-state", "GET /clusters/c0123/audit"]
    );
}

#[tokio::test]
async fn users_and_roles_are_read_along_their_markers() {
    let server = Server::play(vec![
        ok(r#"{"IsTruncated":true,"Marker":"m/1","Users":{"User":[
            {"UserId":"200000000000000001","UserName":"alice","DisplayName":"Alice","CreateDate":"2015-01-23T12:33:18Z"}]}}"#),
        ok(r#"{"IsTruncated":false,"Users":{"User":[{"UserId":"x","UserName":"odd"},{"UserId":"200000000000000002","UserName":"bob"}]}}"#),
        ok(r#"{"IsTruncated":false,"Roles":{"Role":[{"RoleId":"300000000000000001","RoleName":"ops","Arn":"acs:ram::1:role/ops"}]}}"#),
        ok(r#"{"IsTruncated":true,"Roles":{"Role":[]}}"#),
    ])
    .await;
    let ram = server.client().ram();
    let users = Listing::collect(ram.users()).await.unwrap();
    let names: Vec<_> = users.entries.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names, ["alice", "bob"]);
    assert_eq!(users.entries[0].created, Some(time("2015-01-23T12:33:18Z")));
    assert_eq!(users.invalid[0].name, "UserId=x");
    let roles = Listing::collect(ram.roles()).await.unwrap();
    assert_eq!(roles.entries[0].arn, "acs:ram::1:role/ops");
    let cut = Listing::collect(ram.roles()).await.unwrap_err();
    assert_eq!(cut.message(), "the list is cut and has no marker");
    let asked = server.asked();
    assert_eq!(asked[1].line, "POST /?Marker=m%2F1&MaxItems=500");
    let actions: Vec<_> = asked.iter().map(|asked| asked.header("x-acs-action")).collect();
    assert_eq!(actions, ["ListUsers", "ListUsers", "ListRoles", "ListRoles"]);
    assert!(
        server.asked().iter().all(|asked| asked.header("content-length") == "0"),
        "a POST says that it is empty"
    );
    assert_eq!(asked[0].header("x-acs-version"), "2015-05-01");
}

#[tokio::test]
async fn a_user_and_a_role_are_looked_up_by_name_and_a_user_by_id() {
    let server = Server::play(vec![
        ok(r#"{"User":{"UserId":"200000000000000001","UserName":"alice"}}"#),
        ok(r#"{"Role":{"RoleId":"300000000000000001","RoleName":"ops","LatestDeletionTask":{}}}"#),
        ok(r#"{"User":{"UserId":"200000000000000001","UserPrincipalName":"alice@1.onaliyun.com","UserName":"alice"}}"#),
        ok(r#"{"User":{"UserId":"200000000000000001","UserPrincipalName":"alice@1.onaliyun.com"}}"#),
    ])
    .await;
    let client = server.client();
    assert_eq!(client.ram().user("alice").await.unwrap().uid, uid());
    assert_eq!(client.ram().role("ops").await.unwrap().uid.as_str(), "300000000000000001");
    assert_eq!(client.ims().user_by_id(&uid()).await.unwrap().name(), "alice");
    assert_eq!(client.ims().user_by_principal_name("alice@1.onaliyun.com").await.unwrap().uid, uid());
    assert_eq!(
        server.lines(),
        [
            "POST /?UserName=alice",
            "POST /?RoleName=ops",
            "POST /?UserId=200000000000000001",
            "POST /?UserPrincipalName=alice%401.onaliyun.com"
        ]
    );
}

#[tokio::test]
async fn the_recycle_bin_is_searched_by_login_name() {
    let server = Server::play(vec![
        ok(r#"{"IsTruncated":false,"Users":{"User":[{"UserId":"200000000000000001","UserPrincipalName":"alice@example.onaliyun.com",
            "RecycleDate":"2026-01-02T03:04:05Z","DeleteDate":"2026-02-02T03:04:05Z"}]}}"#),
        answer(404, &[], r#"{"Code":"EntityNotExist.User"}"#),
    ])
    .await;
    let ims = server.client().ims();
    let found = Listing::collect(ims.recycled_users(Some("alice@example.onaliyun.com"))).await.unwrap();
    assert_eq!((found.entries[0].name(), &found.entries[0].uid), ("alice", &uid()));
    assert_eq!(found.entries[0].recycled, Some(time("2026-01-02T03:04:05Z")));
    assert!(ims.recycled_user(&uid()).await.unwrap_err().is_not_found());
    assert_eq!(
        server.lines(),
        [
            "POST /?Filter=UserPrincipalName%20eq%20alice%40example.onaliyun.com&MaxItems=100",
            "POST /?UserId=200000000000000001"
        ]
    );
}

#[tokio::test]
async fn the_caller_is_known_by_the_id_that_must_not_be_a_target() {
    let server = Server::play(vec![
        ok(r#"{"IdentityType":"Account","AccountId":"1000000000000001","UserId":"1000000000000001"}"#),
        ok(r#"{"IdentityType":"RAMUser","AccountId":"1000000000000001","UserId":"200000000000000001"}"#),
        ok(r#"{"IdentityType":"Robot","AccountId":"1000000000000001"}"#),
        ok(r#"{"IdentityType":"AssumedRoleUser","AccountId":"1000000000000001"}"#),
    ])
    .await;
    let sts = server.client().sts();
    assert_eq!(sts.caller().await.unwrap().uid().unwrap().as_str(), "1000000000000001");
    assert_eq!(sts.caller().await.unwrap().uid(), Some(&uid()));
    assert_eq!(sts.caller().await.unwrap().uid(), None);
    assert_eq!(sts.caller().await.unwrap_err().kind(), ErrorKind::InvalidResponse);
    server.asked();
}

#[tokio::test]
async fn records_of_calls_are_looked_up_page_by_page() {
    let server = Server::play(vec![
        ok(r#"{"Events":[{"eventId":"e1","eventName":"CreateUser","eventTime":"2026-01-02T03:04:05Z","eventVersion":1,
            "serviceName":"Ims","responseElements":{"User":{"UserId":"200000000000000001","UserName":"alice"}}}],"NextToken":"t1"}"#),
        ok(r#"{"Events":[{"eventId":"e2"}]}"#),
    ])
    .await;
    let by = LookupBy::ResourceName("alice@1.onaliyun.com".to_owned());
    let trail = server.client().action_trail();
    let events = trail.events(&by, time("2026-01-01T00:00:00Z"), time("2026-01-03T00:00:00.5Z"));
    let found = Listing::collect(events).await.unwrap();
    assert_eq!(found.entries[0].created_identity().unwrap().uid, uid());
    assert_eq!(found.invalid[0].name, "eventId=e2");
    let first = "POST /?Direction=BACKWARD&EndTime=2026-01-03T00%3A00%3A00Z&LookupAttribute.1.Key=ResourceName\
                 &LookupAttribute.1.Value=alice%401.onaliyun.com&MaxResults=50";
    let rest = "&StartTime=2026-01-01T00%3A00%3A00Z";
    assert_eq!(server.lines(), [format!("{first}{rest}"), format!("{first}&NextToken=t1{rest}")]);
}

fn logs(progress: &str, data: &str) -> String {
    format!(r#"{{"meta":{{"progress":"{progress}","count":1,"hasSQL":true}},"data":{data}}}"#)
}

fn compressed(body: &str, size: usize) -> Step {
    let headers = vec![("x-log-compresstype", "lz4".to_owned()), ("x-log-bodyrawsize", size.to_string())];
    Step::Answer(200, headers, lz4_flex::block::compress(body.as_bytes()))
}

async fn last_access(server: &Server) -> Result<LastAccess, alibaba_cloud::Error> {
    let store = LogStore::of_audit("k8s-log-x", &cluster(), "cn-beijing").unwrap();
    let (from, to) = (time("2026-01-01T00:00:00Z"), time("2026-01-08T00:00:00Z"));
    server.client().sls().last_access(&store, &uid(), from, to).await
}

#[tokio::test]
async fn the_audit_log_is_asked_in_the_name_of_its_project() {
    let server = Server::play(vec![ok(&logs("Complete", r#"[{"last":"1767225700","n":"3"}]"#))]).await;
    let last = Some(time("2026-01-01T00:01:40Z"));
    assert_eq!(last_access(&server).await.unwrap(), LastAccess::Found { last, count: 3 });
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /logstores/audit-c0123/logs");
    assert_eq!(asked.header("host"), format!("k8s-log-x.{}", server.address));
    assert_eq!(asked.header("accept-encoding"), "lz4");
    let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!((&body["from"], &body["to"]), (&1_767_225_600.into(), &1_767_830_400.into()));
    assert!(body["query"].as_str().unwrap().contains("like '200000000000000001-%'"), "{body}");
    let signed = sls_signature::sign(
        &sls_signature::Unsigned {
            method: "POST",
            host: asked.header("host"),
            path: asked.path(),
            query: &[],
            region: "cn-beijing",
            content_type: Some("application/json"),
            body: &asked.body,
        },
        &credentials(),
        time(asked.header("x-log-date")),
    );
    for (name, value) in signed.headers {
        assert_eq!(asked.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn an_incomplete_answer_is_asked_for_again_and_never_means_no_records() {
    let incomplete = ok(&logs("Incomplete", r#"[{"last":"null","n":"0"}]"#));
    let complete = ok(&logs("Complete", r#"[{"last":"null","n":"0"}]"#));
    let server = Server::play(vec![incomplete.clone(), incomplete.clone(), complete]).await;
    assert_eq!(last_access(&server).await.unwrap(), LastAccess::NoRecords);
    assert_eq!(server.asked().len(), 3);
    let server = Server::play(vec![incomplete; 5]).await;
    let error = last_access(&server).await.unwrap_err();
    assert!(error.message().contains("not searched completely after 5 queries"), "{error}");
    server.asked();
}

#[tokio::test]
async fn a_compressed_answer_is_read_within_bounds() {
    let body = logs("Complete", "[]");
    let server = Server::play(vec![compressed(&body, body.len())]).await;
    assert_eq!(last_access(&server).await.unwrap(), LastAccess::NoRecords);
    let bomb = Server::play(vec![compressed(&body, 1 << 40)]).await;
    assert_eq!(last_access(&bomb).await.unwrap_err().kind(), ErrorKind::InvalidResponse);
    let broken = Server::play(vec![compressed(&body, 3)]).await;
    assert_eq!(last_access(&broken).await.unwrap_err().kind(), ErrorKind::InvalidResponse);
}

#[tokio::test]
async fn an_error_of_the_log_service_is_read_in_its_spelling() {
    let missing = answer(
        404,
        &[("x-log-requestid", "L-1")],
        r#"{"errorCode":"LogStoreNotExist","errorMessage":"none"}"#,
    );
    let server = Server::play(vec![missing]).await;
    let error = last_access(&server).await.unwrap_err();
    assert_eq!((error.code(), error.request_id()), (Some("LogStoreNotExist"), Some("L-1")));
    assert!(error.is_not_found());
    let quota = answer(403, &[], r#"{"errorCode":"ReadQuotaExceed","errorMessage":"busy"}"#);
    let server = Server::play(vec![quota, ok(&logs("Complete", "[]"))]).await;
    assert_eq!(last_access(&server).await.unwrap(), LastAccess::NoRecords);
}
