"""The rules of trading as frozen types and total tables: clarity before speed."""
