//! What a file system promises. Remote ones report no changes of other machines and lock unreliably.

use std::path::Path;

/// What kind of file system a path lies on, as far as reading and watching care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// Events and locks work.
    Local,
    /// Changes made elsewhere raise no events; locks may be missing or slow (NFS, CIFS, 9p, FUSE, …).
    Remote(&'static str),
    /// A union: changes of a lower layer raise no events; locks work.
    Overlay,
}

impl FileSystem {
    /// The file system under `path`; local when the system does not tell.
    pub fn of(path: &Path) -> Self {
        #[cfg(target_os = "linux")]
        {
            rustix::fs::statfs(path).map_or(Self::Local, |stat| Self::from_magic(stat.f_type as u32))
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = path;
            Self::Local
        }
    }

    /// By the magic numbers of statfs(2).
    #[cfg(target_os = "linux")]
    fn from_magic(magic: u32) -> Self {
        match magic {
            0x6969 => Self::Remote("nfs"),
            0xff53_4d42 | 0xfe53_4d42 | 0x517b => Self::Remote("cifs"),
            0x6573_5546 => Self::Remote("fuse"),
            0x0102_1997 => Self::Remote("9p"),
            0x00c3_6400 => Self::Remote("ceph"),
            0x5346_414f | 0x6b41_4653 => Self::Remote("afs"),
            0x786f_4256 => Self::Remote("vboxsf"),
            0x794c_7630 => Self::Overlay,
            _ => Self::Local,
        }
    }
}
