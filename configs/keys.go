package configs

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// EnsureKeys returns the keys in the file secret.keys of folder. If there is
// none it makes the folder (mode 0700) and one key (mode 0600), out of 32 bytes
// of random. Processes that start at once agree on the key.
func EnsureKeys(folder string, random io.Reader) ([][]byte, error) {
	name := filepath.Join(folder, "secret.keys")
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKeys(folder, name, random); err != nil {
			return nil, fmt.Errorf("the data folder cannot be written: %w; allow it, or choose another by --data-dir", err)
		}
		content, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, fmt.Errorf("the secret keys cannot be read: %w; allow it, or choose another folder by --data-dir", err)
	}
	keys, err := secretKeys(string(content))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; put back the file that was there when the credentials were made", name, err)
	}
	return keys, nil
}

// makeKeys writes the key under a name of its own and then links it to where
// all look for it. A link is made once or not at all, and never shows half a
// file, neither to a process that starts at the same moment nor after a crash.
func makeKeys(folder, name string, random io.Reader) (err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	key := make([]byte, keyBytes)
	if _, err := io.ReadFull(random, key); err != nil {
		return err
	}
	draft, err := os.CreateTemp(folder, ".secret.keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(draft.Name())) }()
	_, err = draft.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes a new name in folder outlive a loss of power: with the key
// every secret that it signed would be lost. Windows cannot, and need not.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
