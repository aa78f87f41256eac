-- Contents of attachments that are being removed, or were lately.
CREATE TABLE file_removal (
	sha256 {TEXT} NOT NULL PRIMARY KEY,
	number BIGINT NOT NULL, -- of the removal that was begun last; they grow
	until  BIGINT NOT NULL, -- until then the last one may take effect
	ended  BOOLEAN NOT NULL -- unless it is known to have ended
);
