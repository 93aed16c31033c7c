import { MAINTAINER, SUMMARY, type Version } from '../project.ts';

const UNITS =
  'xg2g.service xg2g.socket xg2g-htsp.socket xg2g-transcoder.service xg2g-transcoder-control.socket xg2g-transcoder-stream.socket';

/** Macros of a distribution's systemd package may be missing where this is built: their scriptlets are written out. */
export function spec(options: {
  readonly version: Version;
  /** The installed files, as `buildTree` laid them out. */
  readonly tree: string;
  /** rpm's own words, such as `w19.zstdio`. */
  readonly payload: string;
}): string {
  const { version, tree, payload } = options;
  const date = new Date(version.epoch * 1000);
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, '0')} ${date.getUTCFullYear()}`;
  return `# What is packed is built already: nothing is to be changed, stripped or looked through.
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _binary_payload ${payload}
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global _buildhost localhost

Name: xg2g
Version: ${version.version.replaceAll('-', '_')}
Release: 1
Summary: ${SUMMARY[0]?.toUpperCase()}${SUMMARY.slice(1)}
License: MIT AND GPL-3.0-or-later AND LicenseRef-FDK-AAC
Group: Applications/Multimedia
AutoReqProv: no
Packager: ${MAINTAINER}
# By what the loader looks for: packages have other names in Fedora and openSUSE.
Requires: libc.so.6(GLIBC_2.28)(64bit), libstdc++.so.6(CXXABI_1.3.11)(64bit), libgcc_s.so.1(GCC_3.4)(64bit)
Requires: systemd
Requires(pre): /usr/sbin/useradd, /usr/sbin/groupadd
Recommends: libva.so.2()(64bit), libva-drm.so.2()(64bit), /usr/bin/ffmpeg

%description
xg2g lists the channels of a satellite or cable receiver with Enigma2 as M3U,
XMLTV and HDHomeRun, for Plex, Jellyfin, Kodi, VLC, phones and browsers, and
plays them with sound that every device understands: MP2 and AC-3 become AAC
inside the running stream, everything else goes through as it was broadcast.

It runs as two services: the daemon, which has the network and no devices, and
the transcoder, which has the graphics device, no network and no files.

%install
cp -a "${tree}/." "%{buildroot}/"

%pre
getent group render > /dev/null || groupadd --system render
getent group video > /dev/null || groupadd --system video
getent group xg2g > /dev/null || groupadd --system xg2g
getent passwd xg2g > /dev/null || useradd --system --gid xg2g --home-dir /var/lib/xg2g --no-create-home \\
    --shell /usr/sbin/nologin --comment "xg2g television gateway" xg2g
getent group xg2g-transcoder > /dev/null || groupadd --system xg2g-transcoder
getent passwd xg2g-transcoder > /dev/null || useradd --system --gid xg2g-transcoder --groups render,video \\
    --home-dir / --no-create-home --shell /usr/sbin/nologin --comment "xg2g transcoder" xg2g-transcoder
exit 0

%post
if [ "$1" -eq 1 ] && command -v systemctl > /dev/null; then
    # The distribution's presets decide what is enabled.
    systemctl --no-reload preset ${UNITS} > /dev/null 2>&1 || :
fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload > /dev/null 2>&1 || :; fi

%preun
if [ "$1" -eq 0 ] && command -v systemctl > /dev/null; then
    if [ -d /run/systemd/system ]; then
        systemctl --no-reload disable --now ${UNITS} > /dev/null 2>&1 || :
    else
        systemctl --no-reload disable ${UNITS} > /dev/null 2>&1 || :
    fi
fi

%postun
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload > /dev/null 2>&1 || :
    # The sockets stay open meanwhile: who connects waits instead of being refused.
    if [ "$1" -ge 1 ]; then
        systemctl try-restart xg2g-transcoder.service xg2g.service > /dev/null 2>&1 || :
    fi
fi

%files
%dir %attr(0755, root, root) /etc/xg2g
%config(noreplace) %attr(0640, root, xg2g) /etc/xg2g/xg2g.yaml
/usr/bin/xg2g
/usr/bin/xg2g-transcoder
/usr/lib/xg2g
/usr/lib/systemd/system/*
/usr/lib/sysusers.d/xg2g.conf
/usr/share/bash-completion/completions/xg2g
%doc %attr(0644, root, root) /usr/share/man/man1/*
%doc %attr(0644, root, root) /usr/share/man/man5/*
%license /usr/share/licenses/xg2g
%dir %attr(0755, root, root) /usr/share/doc/xg2g
%doc /usr/share/doc/xg2g/*
%dir %attr(0750, xg2g, xg2g) /var/lib/xg2g

%changelog
* ${day} ${MAINTAINER} - ${version.version.replaceAll('-', '_')}-1
- See /usr/share/doc/xg2g/changelog.gz
`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
