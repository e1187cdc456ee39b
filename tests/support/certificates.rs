//! Certificates made by openssl, for servers that show them.

use crate::support::migration::run;
use crate::support::server::Owner;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Certificates made by openssl in one directory.
pub(crate) struct Certificates<'a>(pub(crate) &'a Path);

impl Certificates<'_> {
    /// A certificate that vouches for itself and for others.
    pub(crate) fn authority(&self, name: &str) {
        self.openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -days 3 -subj /CN={name}"
        ));
    }

    /// A certificate of an authority for one host.
    pub(crate) fn server(&self, name: &str, authority: &str, host: &str) {
        std::fs::write(self.0.join("extensions"), format!("basicConstraints = CA:FALSE\nsubjectAltName = {host}\n"))
            .unwrap();
        self.openssl(&format!("req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA {authority}.pem -CAkey {authority}.key -CAcreateserial -days 3 -extfile extensions -out {name}.pem"
        ));
    }

    /// The same without extensions: of version 1 by OpenSSL before 3.2, named by its subject alone.
    pub(crate) fn plain(&self, name: &str, authority: &str, host: &str) {
        self.openssl(&format!("req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={host}"));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA {authority}.pem -CAkey {authority}.key -CAcreateserial -days 3 -out {name}.pem"
        ));
    }

    /// Files of a certificate and its key, given to the user who runs servers.
    pub(crate) fn files(&self, name: &str) -> (PathBuf, PathBuf) {
        let (certificate, key) = (self.0.join(format!("{name}.pem")), self.0.join(format!("{name}.key")));
        for file in [&certificate, &key] {
            Owner::find().own(file);
        }
        (certificate, key)
    }

    fn openssl(&self, words: &str) {
        let made = run(Command::new("openssl").args(words.split(' ')).current_dir(self.0));
        assert_eq!(made.code, Some(0), "{made}");
    }
}
