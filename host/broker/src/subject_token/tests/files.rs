use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

#[tokio::test]
async fn a_file_is_read_anew_for_each_use() {
    for kind in ["kubernetes", "spiffe", "file"] {
        let first = good();
        let directory = directory("token", &format!("{first}\n"));
        let scene = reading(kind, directory.path(), "token");
        assert_eq!(scene.asks().await.unwrap(), first, "{kind}");
        let second = jwt(&json!({"aud": [AUDIENCE, "x"], "exp": NOW + 60, "iat": NOW}));
        put(directory.path(), "token", &second);
        assert_eq!(scene.asks().await.unwrap(), second, "{kind}");
    }
}

#[tokio::test]
async fn links_within_the_directory_are_followed_as_kubernetes_has_them() {
    let root = TempDir::new().unwrap();
    for (version, text) in [
        ("..2026_1", good()),
        ("..2026_2", jwt(&json!({"aud": AUDIENCE, "exp": NOW + 5}))),
    ] {
        std::fs::create_dir(root.path().join(version)).unwrap();
        put(&root.path().join(version), "token", &text);
    }
    symlink("..2026_1", root.path().join("..data")).unwrap();
    symlink("..data/token", root.path().join("token")).unwrap();
    let scene = reading("kubernetes", root.path(), "token");
    assert_eq!(scene.asks().await.unwrap(), good());
    // The kubelet swaps the one link.
    symlink("..2026_2", root.path().join("..data_tmp")).unwrap();
    std::fs::rename(root.path().join("..data_tmp"), root.path().join("..data")).unwrap();
    assert_ne!(scene.asks().await.unwrap(), good());
}

#[tokio::test]
async fn nothing_outside_of_the_directory_is_reached() {
    let outside = directory("token", &good());
    let target = outside.path().join("token");
    for link in [
        target.clone(),
        Path::new("../..").join(target.strip_prefix("/").unwrap()),
    ] {
        let root = TempDir::new().unwrap();
        symlink(&link, root.path().join("token")).unwrap();
        let scene = reading("kubernetes", root.path(), "token");
        let error = scene.refuses(Blame::Config, "subject_token.source").await;
        assert!(error.message().contains("cannot be read"), "{error}");
    }
    // A directory in it that leads out is no better.
    let root = TempDir::new().unwrap();
    symlink(outside.path(), root.path().join("..data")).unwrap();
    symlink("..data/token", root.path().join("token")).unwrap();
    let scene = reading("kubernetes", root.path(), "token");
    scene.refuses(Blame::Config, "subject_token.source").await;
}

#[tokio::test]
async fn what_is_no_file_of_a_fit_size_is_refused() {
    let root = TempDir::new().unwrap();
    put(
        root.path(),
        "huge",
        &"x".repeat(limits::ASSERTION_BYTES + 1),
    );
    put(root.path(), "empty", "\n");
    std::fs::create_dir(root.path().join("folder")).unwrap();
    rustix_fifo(&root.path().join("pipe"));
    std::fs::write(root.path().join("bytes"), [0xff, 0xfe]).unwrap();
    for (file, words) in [
        ("huge", "has more than"),
        ("empty", "is empty"),
        ("folder", "is no file"),
        ("pipe", "is no file"),
        ("bytes", "no text"),
        ("nothing", "is not there"),
    ] {
        let scene = reading("kubernetes", root.path(), file);
        let error = scene.refuses(Blame::Config, "subject_token.source").await;
        assert!(error.message().contains(words), "{file}: {error}");
        assert!(
            error.message().contains("source \"ci\" (Kubernetes)"),
            "{error}"
        );
    }
    let gone = reading("kubernetes", &root.path().join("gone"), "token");
    gone.refuses(Blame::Config, "subject_token.source").await;
    let most = format!("{}\n", "x".repeat(limits::ASSERTION_BYTES - 1));
    put(root.path(), "most", &most);
    assert_eq!(
        reading("file", root.path(), "most").asks().await.unwrap(),
        most.trim_end()
    );
}

fn rustix_fifo(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[tokio::test]
async fn a_platforms_variable_points_into_the_directory_or_nowhere() {
    for (kind, variable) in [
        (
            "from = \"aws\"\nservice = \"eks\"",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
        ),
        (
            "from = \"azure\"\nservice = \"aks\"",
            "AZURE_FEDERATED_TOKEN_FILE",
        ),
    ] {
        let root = directory("token", &good());
        let path = root.path().display();
        let scene = || Scene::of(&format!("{kind}\ndirectory = \"{path}\""));
        let at = |file: &str| scene().set(variable, &format!("{path}/{file}"));
        assert_eq!(at("token").asks().await.unwrap(), good());
        for wrong in ["../token", "a/token", "", ".."] {
            let error = at(wrong)
                .refuses(Blame::Config, "subject_token.source")
                .await;
            assert!(error.message().contains(variable), "{error}");
        }
        let elsewhere = scene().set(variable, "/etc/hostname");
        let error = elsewhere
            .refuses(Blame::Config, "subject_token.source")
            .await;
        assert!(error.message().contains("/etc/hostname"), "{error}");
        let error = scene().refuses(Blame::Config, "subject_token.source").await;
        assert!(error.message().contains("is not set"), "{error}");
    }
}

// proves: WKL-08
#[tokio::test]
async fn a_lasting_secret_is_used_with_its_age_or_not_at_all_where_there_is_federation() {
    let root = directory("token", "a-secret-of-years-ago");
    let aged = std::time::UNIX_EPOCH + std::time::Duration::from_secs(NOW - 40 * 86_400);
    std::fs::File::options()
        .write(true)
        .open(root.path().join("token"))
        .unwrap()
        .set_modified(aged)
        .unwrap();
    let alone = reading("file", root.path(), "token");
    assert_eq!(alone.asks().await.unwrap(), "a-secret-of-years-ago");
    let told = alone.told();
    assert!(
        told.iter()
            .any(|line| line.starts_with("warning:") && line.contains("(40 days old)")),
        "{told:?}"
    );

    let both = Scene::with(&format!(
        "[workload.sources.ci]\nfrom = \"file\"\naudience = \"{AUDIENCE}\"\ndirectory = \"{}\"\nfile = \"token\"\n\
         [workload.sources.cloud]\nfrom = \"gcp\"\naudience = \"{AUDIENCE}\"\n",
        root.path().display()
    ));
    let error = both.refuses(Blame::Policy, "workload.lasting").await;
    assert!(
        error.message().contains("40 days old") && error.message().contains("\"cloud\""),
        "{error}"
    );
    // An assertion that ends is none that lasts, wherever it lies.
    put(root.path(), "token", &good());
    assert_eq!(both.asks().await.unwrap(), good());
    for lasting in [
        jwt(&json!({"aud": AUDIENCE, "iat": NOW - 3 * 86_400})),
        jwt(&json!({"aud": AUDIENCE, "iat": NOW - 3 * 86_400, "exp": NOW + 86_400 * 365})),
        jwt(&json!({"aud": AUDIENCE, "exp": NOW + 86_400 * 3})),
    ] {
        put(root.path(), "token", &lasting);
        both.refuses(Blame::Policy, "workload.lasting").await;
    }
}

#[tokio::test]
async fn a_lasting_secret_that_others_can_read_is_not_used() {
    let root = directory("token", "a-secret-of-years-ago");
    let path = root.path().join("token");
    for mode in [0o640, 0o604, 0o620] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = reading("file", root.path(), "token")
            .refuses(Blame::Config, "subject_token.source")
            .await;
        assert!(error.message().contains("other users"), "{error}");
    }
    // What a platform projects is often open to the whole container, and is over soon.
    put(root.path(), "token", &good());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        reading("file", root.path(), "token").asks().await.unwrap(),
        good()
    );
}
