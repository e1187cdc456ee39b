//! libpq's connection service file: parameters of a connection under a name (PostgreSQL documentation, section 34.17).

use super::parts::UrlError;
use super::secret::mask_url;
use std::path::{Path, PathBuf};

/// The number of a line, its parameter and the value.
pub(super) type ServiceLine = (usize, String, String);

/// The parameters of a service in a file, in its order, each with its line; `None` if the file has no such service.
///
/// # Errors
/// The file cannot be read, or the part of the service is not well formed.
pub(super) fn read(file: &Path, service: &str) -> Result<Option<Vec<ServiceLine>>, UrlError> {
    let bytes = std::fs::read(file)
        .map_err(|error| UrlError::new(format!("the service file {} cannot be read: {error}", file.display())))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut found = None::<Vec<_>>;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            if found.is_some() {
                break;
            }
            if line
                .strip_prefix('[')
                .and_then(|line| line.strip_prefix(service))
                .is_some_and(|rest| rest.starts_with(']'))
            {
                found = Some(Vec::new());
            }
            continue;
        }
        let Some(parameters) = &mut found else { continue };
        // No message quotes a line: it may hold a password.
        let wrong =
            |what: &str| UrlError::new(format!("line {} of the service file {} {what}", at + 1, file.display()));
        if line.starts_with("ldap:") {
            return Err(wrong("asks a server of LDAP, which transship does not"));
        }
        let Some((name, value)) = line.split_once('=') else {
            return Err(wrong("is not NAME=VALUE"));
        };
        if name == "service" {
            return Err(wrong("names a service inside of a service"));
        }
        parameters.push((at + 1, name.to_owned(), value.to_owned()));
    }
    Ok(found)
}

/// The files in which libpq looks for a service: the user's own, then the machine's.
#[derive(Debug, Clone, Default)]
pub(super) struct ServiceFiles {
    /// `PGSERVICEFILE`, which must be there.
    pub(super) named: Option<PathBuf>,
    /// The usual places, in order.
    pub(super) usual: Vec<PathBuf>,
}

impl ServiceFiles {
    /// The parameters of a service, with the file that has them.
    pub(super) fn find(&self, service: &str) -> Result<(PathBuf, Vec<ServiceLine>), UrlError> {
        let usual = self.usual.iter().filter(|file| file.is_file());
        for file in self.named.iter().chain(usual) {
            if let Some(parameters) = read(file, service)? {
                return Ok((file.clone(), parameters));
            }
        }
        let places = self.named.iter().chain(&self.usual).map(|file| file.display().to_string()).collect::<Vec<_>>();
        let service = mask_url(service);
        Err(UrlError::new(format!("there is no definition of the service `{service}`"))
            .hint(format!("write [{service}] and its parameters into one of {}", places.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_the_first_part_of_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pg_service.conf");
        let text = "# all\n[other]\nhost=x\n\n[mine]  \n  host = y\n# port=1\nport=5433  \npassword= a=b\n[mine]\nuser=z\n[bad]\nhost\n\
                    [nested]\nservice=mine\n[ldapped]\nldap://h\n";
        std::fs::write(&file, text).unwrap();
        let parameter = |line: usize, name: &str, value: &str| (line, name.to_owned(), value.to_owned());
        let expected =
            vec![parameter(6, "host ", " y"), parameter(8, "port", "5433"), parameter(9, "password", " a=b")];
        assert_eq!(read(&file, "mine").unwrap(), Some(expected));
        assert_eq!(read(&file, "min").unwrap(), None);
        for (service, words) in [("bad", "line 13"), ("nested", "inside of a service"), ("ldapped", "LDAP")] {
            let message = read(&file, service).unwrap_err().message;
            assert!(message.contains(words), "{message}");
        }
        let files = ServiceFiles { named: None, usual: vec![directory.path().join("none"), file.clone()] };
        assert_eq!(files.find("other").unwrap().0, file);
        assert!(files.find("absent").unwrap_err().hint.unwrap().contains("[absent]"));
        let files = ServiceFiles { named: Some(directory.path().join("none")), usual: vec![file] };
        assert!(files.find("other").unwrap_err().message.contains("cannot be read"));
    }
}
