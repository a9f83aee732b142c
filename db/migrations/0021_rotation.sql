-- While Zendesk may sign with a secret that is not stored yet, a wrong signature is answered with "try again", not refused.
alter table connections add column rotating_until timestamptz;
