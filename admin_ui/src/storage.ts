/** What a browser keeps for this page. Where storage is forbidden nothing is kept, and nothing fails. */

/** Reads what was kept on this machine. */
export const kept = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

/** Keeps a text on this machine; `null` forgets it. */
export const keep = (key: string, value: string | null): void => write(() => localStorage, key, value);

/** Reads what was kept for this tab. */
export const keptInTab = (key: string): string | null => {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
};

/** Keeps a text until this tab is closed; `null` forgets it. */
export const keepInTab = (key: string, value: string | null): void => write(() => sessionStorage, key, value);

function write(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // forbidden, or full
  }
}
