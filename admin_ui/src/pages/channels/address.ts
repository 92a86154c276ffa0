/** Where a channel's page is. */
export const pathOf = (channel: string): string => `/channels/${encodeURIComponent(channel)}`;
